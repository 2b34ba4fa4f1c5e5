/* Puts the city's form in place of its link; without this script the link remains. */
(function () {
    "use strict";
    const script = document.currentScript;
    const origin = new URL(script.src).origin;
    const frames = [];

    function place(link) {
        const frame = document.createElement("iframe");
        frame.src = origin + "/embed/form/" + encodeURIComponent(link.dataset.civicForm);
        frame.title = link.textContent;
        frame.style.cssText = "width: 100%; height: 40rem; border: 0; display: block;";
        frames.push(frame);
        link.replaceWith(frame);
    }

    window.addEventListener("message", function (event) {
        if (event.origin !== origin || !event.data || typeof event.data.civicHeight !== "number") {
            return;
        }
        const height = Math.min(Math.max(event.data.civicHeight, 100), 20000);
        for (const frame of frames) {
            if (frame.contentWindow === event.source) {
                frame.style.height = height + "px";
                if (event.data.civicTurned === true && frame.getBoundingClientRect().top < 0) {
                    frame.scrollIntoView({block: "start"});
                }
            }
        }
    });

    function start() {
        document.querySelectorAll("a[data-civic-form]").forEach(place);
    }
    if (document.readyState === "loading") {
        document.addEventListener("DOMContentLoaded", start);
    } else {
        start();
    }
})();

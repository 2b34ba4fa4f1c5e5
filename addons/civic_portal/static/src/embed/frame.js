/* Tells the page around the form how high it is, and when another page of it has come. Neither is a secret: any page
   may hear it. */
(function () {
    "use strict";
    if (window.parent === window) {
        return;
    }
    const content = document.querySelector("main");
    // who has sent the form stands at its end, and reads on at its beginning
    const came = document.referrer.startsWith(location.origin + "/embed/");

    function tell(isFirst) {
        const height = Math.ceil(content.getBoundingClientRect().bottom + window.scrollY);
        window.parent.postMessage({civicHeight: height, civicTurned: isFirst && came}, "*");
    }

    tell(true);
    new ResizeObserver(() => tell(false)).observe(content);
    // browsers refuse autofocus in a frame of another site
    const news = content.querySelector(".civic-errors, .civic-done");
    if (came && news) {
        news.focus({preventScroll: true});
    }
    // a link within a frame does not scroll the page around it; what gets the focus is brought into sight
    document.addEventListener("click", function (event) {
        const link = event.target.closest('.civic-errors a[href^="#"]');
        const field = link && document.querySelector(link.hash);
        if (field) {
            event.preventDefault();
            field.focus();
        }
    });
})();

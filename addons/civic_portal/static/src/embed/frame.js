/* Tells the page around the form how high it is. The height is no secret: any page may hear it. */
(function () {
    "use strict";
    function tell() {
        window.parent.postMessage({civicHeight: document.documentElement.offsetHeight}, "*");
    }
    if (window.parent !== window) {
        new ResizeObserver(tell).observe(document.documentElement);
    }
})();

/**
 * The city's own map: its zones drawn by Leaflet, with no third party asked.
 *
 * A tile server may lie under it where the administrator has named one. Leaflet is a global of
 * the bundle (web_leaflet_lib).
 */
import {_t} from "@web/core/l10n/translation";
import {escape} from "@web/core/utils/strings";

/** What each state is called, most urgent first; shape and colour are in city_map.scss. */
export const STATES = {
    overdue: _t("Overdue"),
    soon: _t("Due soon"),
    ok: _t("On time or without promise"),
    closed: _t("Closed"),
};

const SHAPES = {
    overdue: `<path d="M11 2 21 20H1Z"/>`,
    soon: `<path d="M11 1 21 11 11 21 1 11Z"/>`,
    ok: `<circle cx="11" cy="11" r="8"/>`,
    closed: `<rect x="4" y="4" width="14" height="14" rx="2"/>`,
    point: `<path d="M11 21C5 13 3.500 11 3.500 8a7.500 7.500 0 0 1 15 0c0 3-1.500 5-7.500 13Z"/>`,
};

/** Spain, until the city has drawn itself. */
const SOMEWHERE = [
    [36, -9.5],
    [43.8, 3.5],
];
const CLOSEST = 19;

export function shapeOf(state) {
    return `<svg viewBox="0 0 22 22" aria-hidden="true" class="o_civic_shape o_civic_${state}">${SHAPES[state]}</svg>`;
}

function prefersStillness() {
    return matchMedia("(prefers-reduced-motion: reduce)").matches;
}

/**
 * Draw the city into an element, which must have a height.
 *
 * @param {HTMLElement} el
 * @param {Object} base what civic.zone's get_base_map returns
 * @returns {Object} `map`, `bounds` of the zones (null without), `fit(bounds)`
 */
export function drawCity(el, base) {
    const still = prefersStillness();
    const map = L.map(el, {
        zoomControl: false,
        maxZoom: CLOSEST,
        zoomSnap: 0.5,
        fadeAnimation: !still,
        zoomAnimation: !still,
        markerZoomAnimation: !still,
        inertia: !still,
    });
    map.attributionControl.setPrefix(false);
    L.control.zoom({zoomInTitle: _t("Zoom in"), zoomOutTitle: _t("Zoom out")}).addTo(map);
    if (base.tiles) {
        L.tileLayer(base.tiles, {attribution: escape(base.attribution), maxZoom: CLOSEST}).addTo(map);
    }
    const zones = drawZones(map, JSON.parse(base.zones), Boolean(base.tiles));
    const bounds = zones.getBounds().isValid() ? zones.getBounds() : null;
    map.fitBounds(bounds || SOMEWHERE, {animate: false});
    const showLabels = () => {
        const near = bounds ? map.getZoom() - map.getBoundsZoom(bounds) : 0;
        el.classList.toggle("o_civic_map_near", near >= 1);
    };
    map.on("zoomend resize", showLabels);
    showLabels();
    return {map, bounds, fit: (box) => map.fitBounds(box, {animate: false, maxZoom: 16, padding: [16, 16]})};
}

function drawZones(map, collection, onTiles) {
    // names lie on the ground, below what is marked on it
    Object.assign(map.createPane("civicNames").style, {zIndex: 450, pointerEvents: "none"});
    return L.geoJSON(collection, {
        interactive: false,
        style: ({properties}) => ({
            className: `o_civic_zone o_civic_zone_${properties.kind} ${onTiles ? "o_civic_zone_clear" : ""}`,
        }),
        onEachFeature: ({properties}, layer) => {
            if (properties.kind !== "city") {
                layer.bindTooltip(escape(properties.name), {
                    pane: "civicNames",
                    permanent: true,
                    direction: "center",
                    className: `o_civic_zone_label o_civic_zone_label_${properties.kind}`,
                });
            }
        },
    }).addTo(map);
}

export function boxOf(map) {
    const bounds = map.getBounds();
    return [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()];
}

export function boundsOf([west, south, east, north]) {
    return [
        [south, west],
        [north, east],
    ];
}

export function makeMarker(latitude, longitude, state, title, options = {}) {
    const icon = L.divIcon({className: "o_civic_marker", html: shapeOf(state), iconSize: [22, 22]});
    return L.marker([latitude, longitude], {icon, title, state, ...options});
}

/** The sign of many: their number, ringed in the colour of the most urgent of them. */
export function makeClusterIcon(count, byState) {
    const worst = Object.keys(STATES).find((state) => byState[state]) || "ok";
    const size = count < 10 ? 34 : count < 1000 ? 42 : 52;
    const overdue = byState.overdue ? `<span class="o_civic_cluster_overdue">${byState.overdue}</span>` : "";
    return L.divIcon({
        className: `o_civic_cluster o_civic_cluster_${worst}`,
        html: `<span>${count}</span>${overdue}`,
        iconSize: [size, size],
    });
}

export function describeCluster(count, byState) {
    return byState.overdue
        ? _t("%(count)s cases here, %(overdue)s of them overdue: zoom in", {count, overdue: byState.overdue})
        : _t("%(count)s cases here: zoom in", {count});
}

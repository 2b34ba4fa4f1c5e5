import {Component, markup, onMounted, onWillUnmount, useEffect, useRef} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {debounce} from "@web/core/utils/timing";
import {boundsOf, boxOf, describeCluster, drawCity, makeClusterIcon, makeMarker, shapeOf, STATES} from "./city_map";

/** By mouse, finger or the Enter key: Leaflet tells of the last apart. */
function onPress(marker, act) {
    const byKey = ({originalEvent}) => originalEvent.key === "Enter" && act();
    return marker.on("click", act).on("keypress", byKey);
}

/** The map, and beside it the same as a list: for the keyboard, and for who cannot see the map. */
export class MapRenderer extends Component {
    static template = "civic_crm.MapRenderer";
    static props = {
        model: Object,
        data: Object,
        totals: Object,
        openRecord: Function,
        openUnplaced: Function,
        view: {type: Object, optional: true},
        keepView: Function,
    };

    setup() {
        this.mapRef = useRef("map");
        this.states = Object.keys(STATES);
        const {model} = this.props;
        const show = debounce((box) => model.show(box), 150);
        onMounted(() => {
            this.city = drawCity(this.mapRef.el, model.base);
            this.map = this.city.map;
            this.markers = L.layerGroup().addTo(this.map);
            if (this.props.view) {
                this.map.setView(this.props.view.center, this.props.view.zoom, {animate: false});
            } else if (!this.city.bounds && this.props.totals.extent) {
                this.city.fit(boundsOf(this.props.totals.extent));
            }
            this.map.on("moveend", () => {
                const {lat, lng} = this.map.getCenter();
                this.props.keepView({center: [lat, lng], zoom: this.map.getZoom()});
                show(boxOf(this.map));
            });
            this.drawMarkers();
            model.show(boxOf(this.map));
        });
        useEffect(
            () => this.map && this.drawMarkers(),
            () => [this.props.data],
        );
        onWillUnmount(() => {
            show.cancel();
            this.map.remove();
        });
    }

    get data() {
        return this.props.data;
    }

    get unplaced() {
        return this.props.totals.unplaced;
    }

    get heading() {
        const {count, items} = this.data;
        if (!count) {
            return _t("No case in this part of the map");
        }
        return items.length < count
            ? _t("Cases here: %(count)s, of which the %(shown)s most urgent", {shown: items.length, count})
            : _t("Cases here: %s, the most urgent first", count);
    }

    get unplacedText() {
        return _t("Cases without a point, which the map cannot show: %s.", this.unplaced);
    }

    shape(state) {
        return markup(shapeOf(state));
    }

    stateName(state) {
        return STATES[state].toString();
    }

    // what is drawn

    drawMarkers() {
        this.markers.clearLayers();
        const {points, clusters} = this.data;
        for (const [latitude, longitude, count, byState] of clusters) {
            this.markers.addLayer(this.makeCluster(latitude, longitude, count, byState));
        }
        if (points.length) {
            this.markers.addLayer(this.makeGroup(points));
        }
    }

    makeCluster(latitude, longitude, count, byState) {
        const icon = makeClusterIcon(count, byState);
        const marker = L.marker([latitude, longitude], {icon, title: describeCluster(count, byState)});
        return onPress(marker, () => this.map.setView([latitude, longitude], this.map.getZoom() + 2));
    }

    makeGroup(points) {
        const group = L.markerClusterGroup({
            animate: false,
            chunkedLoading: true,
            maxClusterRadius: 44,
            showCoverageOnHover: false,
            iconCreateFunction: (cluster) => {
                const byState = {};
                for (const {options} of cluster.getAllChildMarkers()) {
                    byState[options.state] = (byState[options.state] || 0) + 1;
                }
                return makeClusterIcon(cluster.getChildCount(), byState);
            },
        });
        const titles = Object.fromEntries(this.data.items.map((item) => [item.id, item.title]));
        group.addLayers(
            points.map(([id, latitude, longitude, state]) => {
                const title = [titles[id], STATES[state].toString()].filter(Boolean).join(" · ");
                const marker = makeMarker(latitude, longitude, state, title);
                return onPress(marker, () => this.openPopup(id, marker.getLatLng()));
            }),
        );
        return group;
    }

    // what is told of one record

    async openPopup(id, place) {
        const item = this.data.items.find((known) => known.id === id) || (await this.props.model.readItem(id));
        L.popup({offset: [0, -6]})
            .setLatLng(place)
            .setContent(this.makePopup(item))
            .openOn(this.map);
    }

    makePopup(item) {
        const content = document.createElement("div");
        content.className = "o_civic_popup";
        const title = content.appendChild(document.createElement("strong"));
        title.textContent = item.title;
        for (const line of [...item.lines, this.stateName(item.state)]) {
            content.appendChild(document.createElement("div")).textContent = line;
        }
        const open = content.appendChild(document.createElement("button"));
        open.className = "btn btn-primary btn-sm mt-2";
        open.textContent = _t("Open");
        open.addEventListener("click", () => this.props.openRecord(item.id));
        return content;
    }

    showOnMap(item) {
        const place = [item.latitude, item.longitude];
        this.map.setView(place, Math.max(this.map.getZoom(), 16), {animate: false});
        this.openPopup(item.id, place);
    }

    showAll() {
        const {extent} = this.props.totals;
        this.city.fit(extent ? boundsOf(extent) : this.city.bounds);
    }

    showCity() {
        this.city.fit(this.city.bounds);
    }
}

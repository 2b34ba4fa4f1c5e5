/** Small maps on forms: the boundary of a zone, the point of a case. */
import {Component, onMounted, onWillStart, onWillUnmount, useEffect, useRef} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {standardFieldProps} from "@web/views/fields/standard_field_props";
import {standardWidgetProps} from "@web/views/widgets/standard_widget_props";
import {drawCity, makeMarker} from "./city_map";

/** Gives a component `this.city` on the element with t-ref "map" once it is there. */
function useCity(component, onDrawn) {
    const orm = useService("orm");
    const ref = useRef("map");
    let base = null;
    onWillStart(async () => {
        base = await orm.call("civic.zone", "get_base_map");
    });
    onMounted(() => {
        component.city = drawCity(ref.el, base);
        onDrawn();
    });
    onWillUnmount(() => component.city.map.remove());
}

/** What a boundary looks like, among the other zones. */
export class BoundaryField extends Component {
    static template = "civic_crm.BoundaryField";
    static props = {...standardFieldProps};

    setup() {
        this.layer = null;
        useCity(this, () => this.draw());
        useEffect(
            () => this.city && this.draw(),
            () => [this.text],
        );
    }

    get text() {
        return this.props.record.data[this.props.name] || "";
    }

    get geometry() {
        try {
            return this.text ? JSON.parse(this.text) : null;
        } catch {
            return null;
        }
    }

    get note() {
        if (!this.text) {
            return _t("No boundary yet: upload a file, or paste GeoJSON.");
        }
        return this.geometry ? "" : _t("This cannot be read as JSON.");
    }

    draw() {
        this.layer?.remove();
        this.layer = null;
        if (!this.geometry) {
            return;
        }
        try {
            this.layer = L.geoJSON(this.geometry, {interactive: false, style: {className: "o_civic_boundary"}});
            this.layer.addTo(this.city.map);
            this.city.fit(this.layer.getBounds());
        } catch {
            this.layer = null; // no GeoJSON: saving says why
        }
    }
}

registry.category("fields").add("civic_boundary", {
    component: BoundaryField,
    displayName: _t("Boundary on the map"),
    supportedTypes: ["text"],
});

/** Where a case is; a click places it. Latitude and longitude stand beside it for the keyboard. */
export class PointWidget extends Component {
    static template = "civic_crm.PointWidget";
    static props = {...standardWidgetProps};

    setup() {
        this.marker = null;
        useCity(this, () => {
            this.draw(true);
            this.city.map.on("click", ({latlng}) => this.place(latlng));
        });
        useEffect(
            () => this.city && this.draw(false),
            () => [this.props.record.data.latitude, this.props.record.data.longitude],
        );
    }

    get hasPoint() {
        const {latitude, longitude} = this.props.record.data;
        return Boolean(latitude || longitude);
    }

    get mayPlace() {
        return !this.props.readonly && this.props.record.isInEdition;
    }

    draw(fit) {
        this.marker?.remove();
        this.marker = null;
        if (!this.hasPoint) {
            return;
        }
        const {latitude, longitude} = this.props.record.data;
        this.marker = makeMarker(latitude, longitude, "point", _t("The case is here"), {
            keyboard: false,
            zIndexOffset: 1000,
        }).addTo(this.city.map);
        if (fit || !this.city.map.getBounds().contains(this.marker.getLatLng())) {
            this.city.map.setView([latitude, longitude], 16, {animate: false});
        }
    }

    place({lat, lng}) {
        if (this.mayPlace) {
            this.props.record.update({latitude: Number(lat.toFixed(7)), longitude: Number(lng.toFixed(7))});
        }
    }

    remove() {
        this.props.record.update({latitude: 0, longitude: 0});
    }
}

registry.category("view_widgets").add("civic_point", {
    component: PointWidget,
    fieldDependencies: [
        {name: "latitude", type: "float", readonly: false},
        {name: "longitude", type: "float", readonly: false},
    ],
});

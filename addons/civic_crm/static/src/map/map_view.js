import {Component, useRef} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {useBus, useService} from "@web/core/utils/hooks";
import {Domain} from "@web/core/domain";
import {useModel} from "@web/model/model";
import {useSetupAction} from "@web/search/action_hook";
import {CogMenu} from "@web/search/cog_menu/cog_menu";
import {Layout} from "@web/search/layout";
import {SearchBar} from "@web/search/search_bar/search_bar";
import {useSearchBarToggler} from "@web/search/search_bar/search_bar_toggler";
import {standardViewProps} from "@web/views/standard_view_props";
import {MapModel} from "./map_model";
import {MapRenderer} from "./map_renderer";

/** A view like list and kanban: what the search bar finds, on the city's map. */
export class MapController extends Component {
    static template = "civic_crm.MapView";
    static components = {CogMenu, Layout, MapRenderer, SearchBar};
    static props = {...standardViewProps};

    setup() {
        this.action = useService("action");
        this.model = useModel(MapModel, {resModel: this.props.resModel});
        useBus(this.model.bus, "update", () => this.render());
        this.view = this.props.state?.view;
        useSetupAction({
            rootRef: useRef("root"),
            getLocalState: () => ({view: this.view}),
        });
        this.searchBarToggler = useSearchBarToggler();
    }

    keepView(view) {
        this.view = view;
    }

    openRecord(id) {
        this.props.selectRecord(id, {activeIds: this.model.data.items.map((item) => item.id)});
    }

    openUnplaced() {
        const unplaced = [
            ["latitude", "in", [0, false]],
            ["longitude", "in", [0, false]],
        ];
        this.action.doAction({
            type: "ir.actions.act_window",
            name: _t("Without a point"),
            res_model: this.props.resModel,
            views: [
                [false, "list"],
                [false, "form"],
            ],
            domain: Domain.and([this.model.domain, unplaced]).toList(),
        });
    }
}

registry.category("views").add("civic_map", {
    type: "civic_map",
    Controller: MapController,
    searchMenuTypes: ["filter", "favorite"],
});

import {Model} from "@web/model/model";

/** The records of the search that lie in the part of the map which is seen. */
export class MapModel extends Model {
    static services = ["orm"];

    setup({resModel}) {
        this.resModel = resModel;
        this.base = null;
        this.box = null;
        this.data = null;
        this.totals = null;
        this.lastFetch = 0;
    }

    /** Called with the search, at first and whenever it changes. */
    async load({domain, context}) {
        this.domain = domain;
        this.context = context;
        if (!this.base) {
            this.base = await this.orm.call("civic.zone", "get_base_map", [], {context});
        }
        await this.fetch(true);
    }

    /** Called when the map has moved; *box* is [west, south, east, north]. */
    async show(box) {
        this.box = box;
        await this.fetch(false);
        this.notify();
    }

    async fetch(withTotals) {
        const number = ++this.lastFetch;
        const args = [this.domain, this.box, withTotals];
        const data = await this.orm.call(this.resModel, "read_map", args, {context: this.context});
        if (withTotals) {
            this.totals = {unplaced: data.unplaced, extent: data.extent};
        }
        if (number === this.lastFetch) {
            this.data = data; // else the map has moved on meanwhile
        }
    }

    readItem(id) {
        return this.orm.call(this.resModel, "read_map_item", [id], {context: this.context});
    }

    hasData() {
        return true;
    }
}

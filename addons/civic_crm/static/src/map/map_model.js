import {Model} from "@web/model/model";
import {KeepLast} from "@web/core/utils/concurrency";

/** The records of the search that lie in the part of the map which is seen. */
export class MapModel extends Model {
    static services = ["orm"];

    setup({resModel}) {
        this.resModel = resModel;
        this.base = null;
        this.box = null;
        this.data = null;
        this.totals = null;
        this.keepLast = new KeepLast();
    }

    /** Called with the search, at first and whenever it changes. */
    async load({domain, context}) {
        this.domain = domain;
        this.context = context;
        this.totals = null;
        if (!this.base) {
            this.base = await this.orm.call("civic.zone", "get_base_map", [], {context});
        }
        await this.fetch();
    }

    /** Called when the map has moved; *box* is [west, south, east, north]. */
    async show(box) {
        this.box = box;
        await this.fetch();
        this.notify();
    }

    async fetch() {
        const withTotals = !this.totals;
        const args = [this.domain, this.box, withTotals];
        const call = this.orm.call(this.resModel, "read_map", args, {context: this.context});
        this.data = await this.keepLast.add(call);
        if (withTotals) {
            this.totals = {unplaced: this.data.unplaced, extent: this.data.extent};
        }
    }

    readItem(id) {
        return this.orm.call(this.resModel, "read_map_item", [id], {context: this.context});
    }

    hasData() {
        return true;
    }
}

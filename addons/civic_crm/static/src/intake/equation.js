import {Component, onWillStart, useState} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {deserializeDate, deserializeDateTime, formatDate} from "@web/core/l10n/dates";
import {registry} from "@web/core/registry";
import {user} from "@web/core/user";
import {useService} from "@web/core/utils/hooks";
import {useSetupAction} from "@web/search/action_hook";
import {standardActionServiceProps} from "@web/webclient/actions/action_service";

/**
 * Today's equation: whatever was received is in one of the terms, and each term opens its messages.
 *
 * The server counts, also in the city's days; here it is only shown.
 */
export class Equation extends Component {
    static template = "civic_crm.Equation";
    static props = {...standardActionServiceProps};

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
        this.periods = [
            {key: "today", name: _t("Today")},
            {key: "yesterday", name: _t("Yesterday")},
            {key: "week", name: _t("7 days")},
            {key: "month", name: _t("30 days")},
        ];
        this.terms = [
            {key: "cases", name: _t("Cases"), icon: "fa-folder-open-o"},
            {key: "enquiries", name: _t("Enquiries"), icon: "fa-question-circle-o"},
            {key: "replies", name: _t("Replies"), icon: "fa-reply"},
            {key: "spam", name: _t("Set aside"), icon: "fa-ban"},
            {key: "quarantined", name: _t("To be decided"), icon: "fa-hand-paper-o"},
            {key: "waiting", name: _t("Waiting"), icon: "fa-hourglass-half"},
        ];
        this.received = {key: "received", name: _t("All received"), icon: "fa-inbox"};
        this.state = useState({equation: null, isBusy: false});
        useSetupAction({getLocalState: () => ({period: this.state.equation.period})});
        onWillStart(() => this.count(this.props.state?.period || "today"));
    }

    async count(period) {
        this.state.isBusy = true;
        try {
            this.state.equation = await this.orm.call("civic.intake", "get_equation", [period]);
        } finally {
            this.state.isBusy = false;
        }
    }

    /** Open the messages of one term, of all channels or of one. */
    async open(term, channelId = null) {
        const {period} = this.state.equation;
        this.action.doAction(await this.orm.call("civic.intake", "get_equation_action", [term, period, channelId]));
    }

    openBoard() {
        this.action.doAction("civic_crm.civic_intake_action_board");
    }

    number(count) {
        return count.toLocaleString(user.lang);
    }

    get days() {
        const {first_day: first, last_day: last} = this.state.equation;
        const [from, to] = [first, last].map((day) => formatDate(deserializeDate(day)));
        return first === last ? from : `${from} – ${to}`;
    }

    get imbalance() {
        const count = this.number(this.state.equation.total.nowhere);
        return _t("It does not balance: %s in none of these places. Tell the administrator.", count);
    }

    get oldestWaiting() {
        const since = deserializeDateTime(this.state.equation.oldest_waiting).toRelative({locale: user.lang});
        return _t("The oldest one that waits came %s.", since);
    }

    get decideName() {
        return _t("Decide (%s)", this.number(this.state.equation.to_decide));
    }

    /** What the button of one number says to somebody who does not see where it stands. */
    describe(term, count, where) {
        return where ? `${where}: ${term.name}, ${this.number(count)}` : `${term.name}: ${this.number(count)}`;
    }
}

registry.category("actions").add("civic_intake_equation", Equation);

import {Component, onMounted, onPatched, onWillStart, onWillUnmount, useRef, useState} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {deserializeDateTime, formatDate, deserializeDate} from "@web/core/l10n/dates";
import {registry} from "@web/core/registry";
import {user} from "@web/core/user";
import {useBus, useService} from "@web/core/utils/hooks";
import {useDebounced} from "@web/core/utils/timing";
import {useSetupAction} from "@web/search/action_hook";
import {standardActionServiceProps} from "@web/webclient/actions/action_service";

/** How long somebody pauses before what is typed is looked up, in milliseconds. */
const PAUSE = 250;

/**
 * The agent's call screen, for the keyboard: who calls, what is open of them, notes, and what is made of the call.
 *
 * A case takes three keys once the notes are written: Alt+N proposes the service that the notes tell of, Enter takes
 * it, Enter files. The server checks everything; nothing is kept here but what is being typed.
 */
export class CallScreen extends Component {
    static template = "civic_crm.CallScreen";
    static props = {...standardActionServiceProps};

    setup() {
        this.action = useService("action");
        this.notification = useService("notification");
        this.orm = useService("orm");
        this.calls = useService("civic_call");
        this.root = useRef("root");
        this.state = useState({
            call: null,
            citizens: [],
            ringing: [],
            dispositions: [],
            zones: [],
            onDuty: false,
            number: "",
            notes: "",
            disposition: "",
            sought: "",
            newcomer: null,
            filing: null,
            now: Date.now(),
            isBusy: false,
        });
        this.lookUpSoon = useDebounced(() => this.lookUp(), PAUSE);
        this.suggestSoon = useDebounced(() => this.suggest(), PAUSE);
        this.compareSoon = useDebounced(() => this.compare(), PAUSE);
        this.keepNotesSoon = useDebounced(() => this.keepNotes(), 1000, {execBeforeUnmount: true});
        useBus(this.calls.bus, "call", ({detail}) => this.onCall(detail));
        useBus(this.calls.bus, "taken", () => this.refreshRinging());
        useSetupAction({beforeLeave: () => this.keepNotes()});
        onWillStart(async () => {
            this.show(await this.orm.call("civic.call", "get_screen", [this.props.action.params?.call_id || false]));
        });
        onMounted(() => {
            this.calls.screens++;
            this.clock = setInterval(() => (this.state.now = Date.now()), 1000);
            this.focus(this.state.call ? "notes" : "number");
        });
        onPatched(() => this.moveFocus());
        onWillUnmount(() => {
            this.calls.screens--;
            clearInterval(this.clock);
        });
    }

    /** Show what the server says; what is being typed about the same call stays. */
    show(screen) {
        const {state} = this;
        const isSame = state.call && screen.call && state.call.id === screen.call.id;
        Object.assign(state, {
            call: screen.call,
            citizens: screen.citizens,
            ringing: screen.ringing,
            dispositions: screen.dispositions,
            zones: screen.zones,
            onDuty: screen.on_duty,
        });
        if (!isSame) {
            const call = screen.call;
            Object.assign(state, {
                number: call ? call.number : "",
                notes: call ? call.notes : "",
                disposition: call && call.disposition_id ? String(call.disposition_id) : "",
                sought: "",
                newcomer: null,
                filing: null,
            });
        }
    }

    /** Move the focus to what has this name, as soon as it is drawn and can have it. */
    focus(name) {
        this.wanted = name;
        requestAnimationFrame(() => this.moveFocus());
    }

    moveFocus() {
        const target = this.wanted && this.root.el?.querySelector(`[data-focus="${this.wanted}"]`);
        if (target) {
            target.focus();
            if (document.activeElement === target) {
                this.wanted = null;
            }
        }
    }

    /** Call a method of the call; errors are shown by Odoo, and what is typed stays. */
    async ask(method, ...args) {
        this.state.isBusy = true;
        try {
            return await this.orm.call("civic.call", method, [[this.state.call.id], ...args]);
        } finally {
            this.state.isBusy = false;
        }
    }

    // what rings -------------------------------------------------------------

    async onCall(call) {
        if (this.state.call && this.state.call.id === call.id) {
            const screen = await this.orm.call("civic.call", "get_screen", [call.id]);
            this.show(screen);
        } else if (call.user_id === user.userId && call.state !== "ended" && !this.state.call) {
            this.show(await this.orm.call("civic.call", "get_screen", [call.id]));
            this.focus("notes");
        } else {
            await this.refreshRinging();
        }
    }

    async refreshRinging() {
        const screen = await this.orm.call("civic.call", "get_screen", [this.state.call?.id || false]);
        this.state.ringing = screen.ringing;
    }

    async takeNext() {
        if (this.state.ringing.length) {
            await this.take(this.state.ringing[0].id);
        }
    }

    async take(callId) {
        await this.keepNotes();
        this.show(await this.orm.call("civic.call", "take_call", [[callId]]));
        this.focus("notes");
    }

    async toggleDuty() {
        this.state.onDuty = await this.orm.call("civic.call", "set_duty", [!this.state.onDuty]);
    }

    async start() {
        this.show(await this.orm.call("civic.call", "start_call", [this.state.number]));
        this.focus("notes");
    }

    onNumberKey(ev) {
        if (ev.key === "Enter" && !this.state.call) {
            this.start();
        }
    }

    // who it is --------------------------------------------------------------

    get citizen() {
        const {call, citizens} = this.state;
        return call && call.partner_id ? citizens.find((one) => one.id === call.partner_id) : undefined;
    }

    about(citizen) {
        return [citizen.phone, citizen.email, citizen.document, citizen.zone].filter(Boolean).join(" · ");
    }

    async choose(citizen) {
        this.state.citizens = await this.ask("set_citizen", citizen ? citizen.id : false);
        this.state.call.partner_id = citizen ? citizen.id : false;
        this.state.sought = "";
        if (this.state.filing && citizen && citizen.zone_id && !this.state.filing.zoneId) {
            this.state.filing.zoneId = String(citizen.zone_id);
        }
        this.focus("notes");
    }

    async lookUp() {
        if (this.state.sought.trim().length >= 3) {
            this.state.citizens = await this.orm.call("civic.call", "search_citizens", [this.state.sought]);
        }
    }

    onSeekKey(ev) {
        if (ev.key === "Enter" && this.state.citizens.length) {
            ev.preventDefault();
            this.choose(this.state.citizens[0]);
        }
    }

    openNewcomer() {
        this.state.newcomer = {name: this.state.sought, email: ""};
        this.focus("newcomer");
    }

    async register() {
        const {name, email} = this.state.newcomer;
        this.state.citizens = await this.ask("create_citizen", name, email);
        this.state.call.partner_id = this.state.citizens[0].id;
        this.state.newcomer = null;
        this.focus("notes");
    }

    // notes and ending -------------------------------------------------------

    async keepNotes() {
        const {call, notes} = this.state;
        if (call && notes !== call.notes) {
            call.notes = notes;
            await this.orm.call("civic.call", "save_notes", [[call.id], notes]);
        }
    }

    async finish() {
        if (!this.state.disposition) {
            this.focus("disposition");
            return;
        }
        const screen = await this.ask("finish_call", Number(this.state.disposition), this.state.notes);
        this.state.call = null;
        this.show(screen);
        this.focus(screen.call ? "notes" : "number");
    }

    /** Propose the ending that what was made of the call tells of, until the agent has chosen one. */
    proposeEnding() {
        const filed = this.state.dispositions.find((one) => one.kind === "filed");
        if (filed && !this.state.disposition) {
            this.state.disposition = String(filed.id);
        }
    }

    get spoken() {
        const {call, now} = this.state;
        if (!call || !call.answered_at) {
            return "";
        }
        const end = call.ended_at ? deserializeDateTime(call.ended_at).toMillis() : now;
        const seconds = Math.max(0, Math.floor((end - deserializeDateTime(call.answered_at).toMillis()) / 1000));
        return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    }

    /* Who is on the line; it stays in sight on a telephone, where who it may be stands below. */
    get caller() {
        return this.state.citizens.find((one) => one.id === this.state.call.partner_id);
    }

    get stateName() {
        const {call} = this.state;
        return {ringing: _t("Ringing"), answered: _t("Talking"), ended: _t("Hung up")}[call.state];
    }

    day(text) {
        return formatDate(deserializeDate(text));
    }

    // a new case -------------------------------------------------------------

    async openFiling() {
        if (!this.state.call || this.state.filing) {
            return;
        }
        this.state.filing = {
            // pressed twice, it is one
            key: crypto.randomUUID(),
            words: this.state.notes,
            services: [],
            at: 0,
            service: null,
            place: "",
            zoneId: this.citizen && this.citizen.zone_id ? String(this.citizen.zone_id) : "",
            answers: {},
            alike: [],
            sameAs: 0,
            error: "",
        };
        await this.suggest();
        this.focus("service");
    }

    closeFiling() {
        this.state.filing = null;
        this.focus("notes");
    }

    async suggest() {
        const {filing} = this.state;
        if (filing) {
            filing.services = await this.orm.call("civic.call", "suggest_services", [filing.words]);
            filing.at = 0;
        }
    }

    onServiceInput(ev) {
        this.state.filing.words = ev.target.value;
        this.state.filing.service = null;
        this.suggestSoon();
    }

    async onServiceKey(ev) {
        const {filing} = this.state;
        const count = filing.services.length;
        if (ev.key === "ArrowDown" && count) {
            filing.at = (filing.at + 1) % count;
        } else if (ev.key === "ArrowUp" && count) {
            filing.at = (filing.at + count - 1) % count;
        } else if (ev.key === "Enter" && count) {
            await this.chooseService(filing.services[filing.at]);
        } else if (ev.key === "Escape") {
            this.closeFiling();
        } else {
            return;
        }
        ev.preventDefault();
        ev.stopPropagation();
    }

    async chooseService(service) {
        const {filing} = this.state;
        Object.assign(filing, {service, words: service.name, error: ""});
        filing.answers = Object.fromEntries(service.questions.map((one) => [one.code, ""]));
        const isAsked = service.ask_place === "required" && !filing.place;
        const question = service.questions.find((one) => one.required);
        this.focus(isAsked ? "place" : question ? `answer-${question.code}` : "file");
        await this.compare();
    }

    async compare() {
        const {filing} = this.state;
        if (filing && filing.service) {
            filing.alike = await this.orm.call("civic.call", "find_alike", [
                filing.service.id,
                filing.place,
                this.state.notes.split("\n")[0],
            ]);
            if (!filing.alike.some((one) => one.id === filing.sameAs)) {
                filing.sameAs = 0;
            }
        }
    }

    onFilingKey(ev) {
        if (ev.key === "Enter" && ev.target.tagName === "INPUT" && ev.target.dataset.focus !== "service") {
            ev.preventDefault();
            this.file();
        } else if (ev.key === "Escape") {
            ev.stopPropagation();
            this.closeFiling();
        }
    }

    async file() {
        const {filing} = this.state;
        if (!filing || !filing.service || this.state.isBusy) {
            return;
        }
        await this.keepNotes();
        const answer = await this.ask("file_request", {
            text: this.state.notes,
            page_key: filing.key,
            service_id: filing.service.id,
            place: filing.place,
            zone_id: Number(filing.zoneId) || 0,
            answers: Object.fromEntries(Object.entries(filing.answers).filter(([, value]) => value)),
            same_as: filing.sameAs,
        });
        if (answer.error) {
            filing.error = answer.error;
            this.focus(answer.fields[0] === "text" ? "notes" : answer.fields[0]);
            return;
        }
        this.state.filing = null;
        this.add(answer);
    }

    async fileEnquiry() {
        await this.send({text: this.state.notes});
    }

    async addToCase(found) {
        await this.send({text: this.state.notes, case_code: found.code});
    }

    async send(request) {
        if (!this.state.call || this.state.isBusy) {
            return;
        }
        await this.keepNotes();
        const answer = await this.ask("file_request", {...request, page_key: crypto.randomUUID()});
        if (answer.error) {
            this.notification.add(answer.error, {type: "warning"});
            this.focus("notes");
        } else {
            this.add(answer);
        }
    }

    add({made, citizens}) {
        this.state.call.made.push(made);
        this.state.citizens = citizens;
        this.proposeEnding();
        this.focus("finish");
    }

    open(model, id) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: model,
            res_id: id,
            views: [[false, "form"]],
        });
    }

    resultName(made) {
        return {case: _t("Case"), enquiry: _t("Enquiry"), reply: _t("Added to")}[made.result] || _t("Taken in");
    }
}

registry.category("actions").add("civic_call_screen", CallScreen);

import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {user} from "@web/core/user";
import {EventBus} from "@odoo/owl";

/**
 * Calls as the telephony system tells of them, on the screen of the agent they are for.
 *
 * A call of one's own opens the call screen; what is typed elsewhere is saved first, as when another menu is opened.
 * A call for everybody is offered in a notification. The screen itself, where it is open, decides what it shows.
 */
export const callService = {
    dependencies: ["action", "bus_service", "multi_tab", "notification", "orm"],

    start(env, {action, bus_service, multi_tab, notification, orm}) {
        const bus = new EventBus();
        const offered = new Map();
        const state = {bus, screens: 0, open, take};

        function open(callId) {
            return action.doAction({type: "ir.actions.client", tag: "civic_call_screen", params: {call_id: callId}});
        }

        async function take(callId) {
            await orm.call("civic.call", "take_call", [[callId]]);
            return open(callId);
        }

        function withdraw(callId) {
            offered.get(callId)?.();
            offered.delete(callId);
        }

        function offer(call) {
            const close = notification.add(call.name || call.number || _t("Number withheld"), {
                title: _t("A call for everybody"),
                type: "info",
                sticky: true,
                buttons: [
                    {
                        name: _t("Take the call"),
                        primary: true,
                        onClick: () => {
                            withdraw(call.id);
                            take(call.id);
                        },
                    },
                ],
                onClose: () => offered.delete(call.id),
            });
            offered.set(call.id, close);
        }

        async function onCall({id}) {
            // the bus repeats to a new session what it said before: what counts is how the call stands now
            const call = await orm.silent.call("civic.call", "get_ring", [[id]]);
            bus.trigger("call", call);
            if (call.state !== "ringing") {
                withdraw(call.id);
            }
            // one tab of several: that which is seen, or the main one while none is
            const isHere = document.visibilityState === "visible" || (await multi_tab.isOnMainTab());
            if (!isHere || state.screens || call.state === "ended") {
                return;
            }
            if (call.user_id === user.userId) {
                open(call.id);
            } else if (call.state === "ringing" && !offered.has(call.id)) {
                offer(call);
            }
        }

        bus_service.subscribe("civic_call", onCall);
        bus_service.subscribe("civic_call_taken", (call) => {
            withdraw(call.id);
            bus.trigger("taken", call);
        });
        bus_service.start();
        return state;
    },
};

registry.category("services").add("civic_call", callService);

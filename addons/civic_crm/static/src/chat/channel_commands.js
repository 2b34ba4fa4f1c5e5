import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
// what comes from the chat is an enquiry or a case, not a lead of sales: core's command steps back
import "@crm_livechat/core/channel_commands";

const isAttended = ({store, thread}) => store.has_access_livechat && (!thread || thread.channel_type === "livechat");

const commands = registry.category("discuss.channel_commands");
commands.add("case", {
    condition: isAttended,
    help: _t("Make a case of this conversation (/case words of the service)"),
    methodName: "execute_command_case",
});
commands.add("enquiry", {
    condition: isAttended,
    help: _t("Make an enquiry of this conversation (/enquiry subject)"),
    methodName: "execute_command_enquiry",
});
const lead = commands.get("lead", null);
if (lead) {
    commands.add("lead", {...lead, condition: ({store}) => store.has_access_create_lead}, {force: true});
}

import {WarningDialog, odooExceptionTitleMap} from "@web/core/errors/error_dialogs";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";

/* What a service asks and nobody has said is no failure of the program: it is told as any other mistake of the user. */
const NAME = "odoo.addons.civic_crm.exceptions.FilingError";

odooExceptionTitleMap.set(NAME, _t("Something is missing"));
registry.category("error_dialogs").add(NAME, WarningDialog);

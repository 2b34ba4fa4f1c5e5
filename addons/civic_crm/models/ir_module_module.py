# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo import api, models
from odoo.tools.translate import TranslationImporter, get_po_paths

#: Models of the terms that a module renames by redefining somebody else's model or field.
RENAMED = ("ir.model", "ir.model.fields", "ir.model.fields.selection")


class IrModuleModule(models.Model):
    _inherit = "ir.module.module"

    @api.model
    def _load_module_terms(self, modules, langs, overwrite=False):
        """Let the city's words win over the base's in every language, as they do in English.

        Whoever redefines a field gives it a new label, but an existing translation is kept:
        "Department" would still be translated as the base's "Team". So the labels are loaded
        once more from our files, over what is there; labels are not the city's to edit.
        """
        super()._load_module_terms(modules, langs, overwrite)
        if "civic_crm" not in modules:
            return
        importer = TranslationImporter(self.env.cr, verbose=False)
        for lang in langs:
            for path in get_po_paths("civic_crm", lang):
                importer.load_file(path, lang)
        importer.model_terms_translations.clear()
        for model in set(importer.model_translations) - set(RENAMED):
            del importer.model_translations[model]
        importer.save(overwrite=True)

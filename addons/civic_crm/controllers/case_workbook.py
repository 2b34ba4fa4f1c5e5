# SPDX-License-Identifier: AGPL-3.0-or-later
import os
import tempfile

from werkzeug.wsgi import FileWrapper

from odoo.http import Controller, content_disposition, request, route

#: What goes to the browser at a time.
PIECE = 256 * 1024
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class CaseWorkbookDownload(Controller):
    @route("/civic/cases/<int:wizard_id>.xlsx", type="http", auth="user", methods=["GET"], readonly=True)
    def download(self, wizard_id):
        """Send the workbook that one's own dialogue describes; the same rights hold as in the dialogue."""
        wizard = request.env["civic.case.workbook"].search(
            [("id", "=", wizard_id), ("create_uid", "=", request.env.uid)]
        )
        if not wizard:
            raise request.not_found()
        wizard.check_access("read")
        file = tempfile.TemporaryFile(suffix=".xlsx")  # noqa: SIM115 closed with the response
        try:
            wizard._write_workbook(file)
        except BaseException:
            file.close()
            raise
        size = file.seek(0, os.SEEK_END)
        file.seek(0)
        name = f"{request.env._('cases')}-{wizard.filed_from or ''}.xlsx"
        headers = [
            ("Content-Type", XLSX),
            ("Content-Length", size),
            ("Content-Disposition", content_disposition(name)),
            ("Cache-Control", "no-store"),
        ]
        # the server closes it, whether it was read to its end or not
        response = request.make_response(FileWrapper(file, PIECE), headers)
        response.direct_passthrough = True
        return response

from . import helpdesk_portal
from . import case_workbook
from . import hook
from . import rating

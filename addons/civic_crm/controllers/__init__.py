from . import helpdesk_portal
from . import case_workbook
from . import hook
from . import rating
from . import phone
from . import receipt

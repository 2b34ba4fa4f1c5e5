from . import helpdesk_portal
from . import rating

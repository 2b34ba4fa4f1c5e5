from . import civic_embed
from . import civic_rate_limit
from . import helpdesk_ticket
from . import helpdesk_ticket_category
from . import ir_qweb
from . import website

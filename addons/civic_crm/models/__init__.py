# the mixins that the others inherit come first
from . import civic_kept_in_memory
from . import civic_public_facts
from . import civic_case_outcome
from . import civic_zone
from . import helpdesk_ticket
from . import helpdesk_ticket_category
from . import helpdesk_ticket_mail
from . import helpdesk_ticket_stage
from . import helpdesk_ticket_team
from . import ir_module_module
from . import ir_sequence
from . import mail_message
from . import mail_thread
from . import res_company
from . import res_partner
from . import res_users
from . import resource_calendar

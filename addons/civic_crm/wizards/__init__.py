from . import civic_case_close
from . import mail_compose_message

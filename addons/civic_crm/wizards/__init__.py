from . import civic_calendar_seed
from . import civic_case_close
from . import civic_case_workbook
from . import civic_case_ask
from . import civic_case_close_sub_cases
from . import civic_case_hand_over
from . import mail_compose_message
from . import civic_case_move

from . import civic_calendar_seed
from . import civic_case_close

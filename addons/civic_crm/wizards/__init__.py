from . import civic_case_close
from . import civic_case_move

from . import civic_case_close

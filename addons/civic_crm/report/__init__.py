from . import civic_case_report

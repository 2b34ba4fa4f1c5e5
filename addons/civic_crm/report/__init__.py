from . import civic_case_report
from . import civic_case_report_service

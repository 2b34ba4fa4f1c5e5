from . import civic_case_close
from . import civic_enquiry_answer
from . import civic_enquiry_convert
from . import civic_issue_close
from . import civic_issue_gather

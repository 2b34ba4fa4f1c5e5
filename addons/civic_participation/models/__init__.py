from . import civic_citizen_event
from . import civic_process_kind
from . import civic_process_phase
from . import civic_process

from . import test_access
from . import test_phases
from . import test_process

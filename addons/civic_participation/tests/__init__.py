from . import test_access
from . import test_chain
from . import test_phases
from . import test_process
from . import test_security_matrix

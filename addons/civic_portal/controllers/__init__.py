from . import civic_page
from . import filing
from . import embed
from . import legacy
from . import my_cases
from . import tracking
from . import confirming
from . import receipt

from . import test_confirming
from . import test_filing
from . import test_filing_form
from . import test_my_cases
from . import test_page_shell
from . import test_spanish
from . import test_spoken_date
from . import test_tracking

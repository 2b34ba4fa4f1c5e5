from . import civic_case_close
from . import civic_zone_import
from . import civic_zone_population_import

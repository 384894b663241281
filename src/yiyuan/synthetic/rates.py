"""How often things happen in the made-up city (演示数据的比率).

In: nothing. Out: constants, each a share between 0 and 1 unless its name says otherwise. The figures come
from published statistics where some were found and are assumed otherwise;
``docs/explanation/synthetic-city.md`` names each source. None of them is a term of a scheme.
"""

# People and households: 2.93 people a household, 25.1 % aged 0-14, 19.8 % aged 60 and over (2020 census).
HOUSEHOLD_SIZES = (1, 2, 3, 4, 5, 6, 7)
HOUSEHOLD_SIZE_WEIGHTS = (0.17, 0.25, 0.26, 0.18, 0.09, 0.04, 0.01)

# Hardship, of 9.6 million: poor 814,000; subsistence 284,000; destitute 44,000; severely disabled 105,000;
# workers 3,000; orphans 1,600; about 1.0 million together. Split by overlap so that each total is met.
POOR = 814_000 / 9_600_000
SUBSISTENCE_AMONG_POOR = 0.55 * 284 / 814
SUBSISTENCE_AMONG_OTHERS = 0.45 * 284 / (9_600 - 814)
DESTITUTE_AMONG_LONE_ELDERS_POOR = 0.34
DESTITUTE_AMONG_LONE_ELDERS_OTHERS = 0.125
SEVERE_DISABILITY_AMONG_HARDSHIP = 0.6 * 105 / 950
SEVERE_DISABILITY_AMONG_OTHERS = 0.4 * 105 / 8_650
MODERATE_DISABILITY_PER_SEVERE = 61 / 185
NEEDY_WORKERS = 3_000 / 9_600_000
ORPHANS = 1_600 / 9_600_000
# A small city still has a few of the two smallest groups, so that their files are not empty.
FEWEST_OF_A_SMALL_GROUP = 5

POOR_STATUS_ENDED = 0.12
SUBSISTENCE_ENDED = 0.20
DESTITUTE_ENDED = 0.03
DISABILITY_CANCELLED = 0.02
WORKER_ENDED = 0.15
JOINED_IN_THE_YEAR = 0.06

# Hospital stays a person and year, by age; hardship people are admitted more often.
STAYS_A_YEAR_CHILD = 0.115
STAYS_A_YEAR_ADULT = 0.120
STAYS_A_YEAR_ELDER = 0.315
STAYS_HARDSHIP_FACTOR = 1.25
LISTED_DISEASE_HARDSHIP = 0.20
LISTED_DISEASE_OTHERS = 0.15
MEAN_DAYS_OF_STAY = 9.4
OUT_OF_TOWN = 0.08
REVERSED = 0.015
MISSING_DIAGNOSIS = 0.002
PAID_ALREADY = 0.25

# Totals of a stay are log-normal; the medians below give a mean of about 8,000 yuan over all stays.
TOTAL_MEDIAN_YUAN_LISTED = 9_700
TOTAL_MEDIAN_YUAN_OTHERS = 5_200
TOTAL_SIGMA = 0.70

SOCIAL_CARD = 0.94
BANK_CARD_TOO = 0.05
HOLDER_NAME_DIFFERS = 0.01
LEFT_THE_CITY = 0.004

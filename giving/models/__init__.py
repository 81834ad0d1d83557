"""What people give to, by noun: campaigns, pots and loans, and what they are given for it."""

from giving.models.campaigns import Campaign as Campaign
from giving.models.campaigns import CampaignPicture as CampaignPicture
from giving.models.campaigns import CampaignTotal as CampaignTotal
from giving.models.campaigns import Gift as Gift
from giving.models.campaigns import Match as Match
from giving.models.campaigns import MonthlyGift as MonthlyGift
from giving.models.campaigns import Tally as Tally
from giving.models.loans import Instalment as Instalment
from giving.models.loans import Loan as Loan
from giving.models.loans import LoanEvent as LoanEvent
from giving.models.loans import LoanShare as LoanShare
from giving.models.loans import RepaymentPart as RepaymentPart
from giving.models.pots import Contribution as Contribution
from giving.models.pots import Pot as Pot
from giving.models.receipts import GiverAddress as GiverAddress
from giving.models.receipts import Receipt as Receipt
from giving.models.receipts import ReceiptBook as ReceiptBook
from giving.models.receipts import ReceiptedGift as ReceiptedGift
from giving.models.receipts import ReceiptIssuer as ReceiptIssuer

from contracts.vocabulary import *

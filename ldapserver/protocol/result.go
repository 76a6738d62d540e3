package protocol

import "strconv"

// ResultCode is RFC 4511, 4.1.9 and appendix A.
type ResultCode int

// The result codes, by their RFC names.
const (
	Success                      ResultCode = 0
	OperationsError              ResultCode = 1
	ProtocolError                ResultCode = 2
	TimeLimitExceeded            ResultCode = 3
	SizeLimitExceeded            ResultCode = 4
	CompareFalse                 ResultCode = 5
	CompareTrue                  ResultCode = 6
	AuthMethodNotSupported       ResultCode = 7
	StrongerAuthRequired         ResultCode = 8
	Referral                     ResultCode = 10
	AdminLimitExceeded           ResultCode = 11
	UnavailableCriticalExtension ResultCode = 12
	ConfidentialityRequired      ResultCode = 13
	SASLBindInProgress           ResultCode = 14
	NoSuchAttribute              ResultCode = 16
	UndefinedAttributeType       ResultCode = 17
	InappropriateMatching        ResultCode = 18
	ConstraintViolation          ResultCode = 19
	AttributeOrValueExists       ResultCode = 20
	InvalidAttributeSyntax       ResultCode = 21
	NoSuchObject                 ResultCode = 32
	AliasProblem                 ResultCode = 33
	InvalidDNSyntax              ResultCode = 34
	AliasDereferencingProblem    ResultCode = 36
	InappropriateAuthentication  ResultCode = 48
	InvalidCredentials           ResultCode = 49
	InsufficientAccessRights     ResultCode = 50
	Busy                         ResultCode = 51
	Unavailable                  ResultCode = 52
	UnwillingToPerform           ResultCode = 53
	LoopDetect                   ResultCode = 54
	SortControlMissing           ResultCode = 60 // VLV draft, 6.2
	OffsetRangeError             ResultCode = 61 // VLV draft, 6.2
	NamingViolation              ResultCode = 64
	ObjectClassViolation         ResultCode = 65
	NotAllowedOnNonLeaf          ResultCode = 66
	NotAllowedOnRDN              ResultCode = 67
	EntryAlreadyExists           ResultCode = 68
	ObjectClassModsProhibited    ResultCode = 69
	AffectsMultipleDSAs          ResultCode = 71
	VirtualListViewError         ResultCode = 76 // VLV draft, 6.2: of the search; OpenLDAP sends it in the response control too
	Other                        ResultCode = 80
	Canceled                     ResultCode = 118 // RFC 3909, 2.3
	NoSuchOperation              ResultCode = 119 // RFC 3909, 2.3
	TooLate                      ResultCode = 120 // RFC 3909, 2.3
	CannotCancel                 ResultCode = 121 // RFC 3909, 2.3
	AssertionFailed              ResultCode = 122 // RFC 4528, 3
)

// String is the RFC's name, "noSuchObject", or the number where there is none.
func (c ResultCode) String() string {
	switch c {
	case Success:
		return "success"
	case OperationsError:
		return "operationsError"
	case ProtocolError:
		return "protocolError"
	case TimeLimitExceeded:
		return "timeLimitExceeded"
	case SizeLimitExceeded:
		return "sizeLimitExceeded"
	case CompareFalse:
		return "compareFalse"
	case CompareTrue:
		return "compareTrue"
	case AuthMethodNotSupported:
		return "authMethodNotSupported"
	case StrongerAuthRequired:
		return "strongerAuthRequired"
	case Referral:
		return "referral"
	case AdminLimitExceeded:
		return "adminLimitExceeded"
	case UnavailableCriticalExtension:
		return "unavailableCriticalExtension"
	case ConfidentialityRequired:
		return "confidentialityRequired"
	case SASLBindInProgress:
		return "saslBindInProgress"
	case NoSuchAttribute:
		return "noSuchAttribute"
	case UndefinedAttributeType:
		return "undefinedAttributeType"
	case InappropriateMatching:
		return "inappropriateMatching"
	case ConstraintViolation:
		return "constraintViolation"
	case AttributeOrValueExists:
		return "attributeOrValueExists"
	case InvalidAttributeSyntax:
		return "invalidAttributeSyntax"
	case NoSuchObject:
		return "noSuchObject"
	case AliasProblem:
		return "aliasProblem"
	case InvalidDNSyntax:
		return "invalidDNSyntax"
	case AliasDereferencingProblem:
		return "aliasDereferencingProblem"
	case InappropriateAuthentication:
		return "inappropriateAuthentication"
	case InvalidCredentials:
		return "invalidCredentials"
	case InsufficientAccessRights:
		return "insufficientAccessRights"
	case Busy:
		return "busy"
	case Unavailable:
		return "unavailable"
	case UnwillingToPerform:
		return "unwillingToPerform"
	case LoopDetect:
		return "loopDetect"
	case SortControlMissing:
		return "sortControlMissing"
	case OffsetRangeError:
		return "offsetRangeError"
	case NamingViolation:
		return "namingViolation"
	case ObjectClassViolation:
		return "objectClassViolation"
	case NotAllowedOnNonLeaf:
		return "notAllowedOnNonLeaf"
	case NotAllowedOnRDN:
		return "notAllowedOnRDN"
	case EntryAlreadyExists:
		return "entryAlreadyExists"
	case ObjectClassModsProhibited:
		return "objectClassModsProhibited"
	case AffectsMultipleDSAs:
		return "affectsMultipleDSAs"
	case VirtualListViewError:
		return "virtualListViewError"
	case Other:
		return "other"
	case Canceled:
		return "canceled"
	case NoSuchOperation:
		return "noSuchOperation"
	case TooLate:
		return "tooLate"
	case CannotCancel:
		return "cannotCancel"
	case AssertionFailed:
		return "assertionFailed"
	}
	return strconv.Itoa(int(c))
}

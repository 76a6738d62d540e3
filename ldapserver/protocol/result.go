package protocol

import "fmt"

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
	VLVError                     ResultCode = 76 // what servers send for a failed VLV: IANA's virtualListViewError
	Other                        ResultCode = 80
	Canceled                     ResultCode = 118 // RFC 3909, 2.3
	NoSuchOperation              ResultCode = 119 // RFC 3909, 2.3
	TooLate                      ResultCode = 120 // RFC 3909, 2.3
	CannotCancel                 ResultCode = 121 // RFC 3909, 2.3
	AssertionFailed              ResultCode = 122 // RFC 4528, 3
)

// String is the RFC's name: "noSuchObject".
func (c ResultCode) String() string { return "" }

// Error is an outcome that the client is told. Whatever else goes wrong is ours and answered Other.
type Error struct {
	Code      ResultCode
	MatchedDN string // for noSuchObject, aliasProblem, invalidDNSyntax and aliasDereferencingProblem only (RFC 4511, 4.1.9)
	Message   string // diagnosticMessage
}

// Error is "ldap: noSuchObject: message".
func (e *Error) Error() string { return fmt.Sprintf("ldap: %s: %s", e.Code, e.Message) }

// EnvelopeError says that a PDU is no LDAPMessage, so that nothing can be answered: the connection is closed after a Notice of
// Disconnection (RFC 4511, 4.1.1).
type EnvelopeError struct{ Err error }

// Error is what was wrong with the envelope.
func (e *EnvelopeError) Error() string { return "ldap: " + e.Err.Error() }

// Unwrap is the cause.
func (e *EnvelopeError) Unwrap() error { return e.Err }

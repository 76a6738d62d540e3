package protocol

import "strconv"

// Error is an outcome that the client is told. Whatever else goes wrong is ours and answered Other.
type Error struct {
	Code      ResultCode
	MatchedDN string // for noSuchObject, aliasProblem, invalidDNSyntax and aliasDereferencingProblem only (RFC 4511, 4.1.9)
	Message   string // diagnosticMessage
}

// Error is "ldap: noSuchObject: message".
func (e *Error) Error() string {
	if e.Message == "" {
		return "ldap: " + e.Code.String()
	}
	return "ldap: " + e.Code.String() + ": " + e.Message
}

// EnvelopeError says that a PDU is no LDAPMessage, so that nothing can be answered: the connection is closed after a Notice of
// Disconnection (RFC 4511, 4.1.1).
type EnvelopeError struct{ Err error }

// Error is what was wrong with the envelope.
func (e *EnvelopeError) Error() string { return "ldap: " + e.Err.Error() }

// Unwrap is the cause.
func (e *EnvelopeError) Unwrap() error { return e.Err }

func protocolError(message string) *Error { return &Error{Code: ProtocolError, Message: message} }

func limitError(message string) *Error { return &Error{Code: AdminLimitExceeded, Message: message} }

// valueError makes an *Error of whatever went wrong in an OCTET STRING that holds BER, such as a control's value: the message around
// it is in order, so the connection goes on.
func valueError(what string, err error) *Error {
	if e, ok := err.(*Error); ok {
		return e
	}
	return protocolError(what + ": " + err.Error())
}

// printable quotes what a peer sent, so that it can stand in a message or a log line, and cuts it short.
func printable(b []byte) string {
	const longest = 64
	if len(b) > longest {
		return strconv.QuoteToASCII(string(b[:longest])) + "…"
	}
	return strconv.QuoteToASCII(string(b))
}

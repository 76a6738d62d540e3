package protocol

// Message is one decoded LDAPMessage (RFC 4511, 4.1.1). Exactly the request that Op names is set. Every slice in it is a part of the
// PDU it was decoded from, and the structs belong to the Decoder: the message is valid until the Decoder's next Decode and as long
// as the PDU's bytes stay.
type Message struct {
	ID       int32 // 1 to 2^31-1
	Op       Op
	Bind     *BindRequest
	Search   *SearchRequest
	Compare  *CompareRequest
	Abandon  *AbandonRequest
	Extended *ExtendedRequest
	Write    *WriteRequest // add, delete, modify and modifyDN
	Controls []Control     // in the order sent; nil where there are none
}

// BindRequest is RFC 4511, 4.2.
type BindRequest struct {
	Version int    // as sent, 1 to 127: whether it is supported is the server's word
	Name    []byte // a DN by the RFC, but phones send plain names too: not checked here
	Simple  []byte // the password, empty for anonymous and unauthenticated binds
	SASL    bool   // the sasl choice: then Mechanism and Credentials count, not Simple
	// Mechanism may be empty: that aborts a negotiation (RFC 4511, 4.2.1).
	Mechanism   []byte
	Credentials []byte // nil where absent
	// OtherMethod says that the authentication choice is neither simple nor SASL (RFC 4511, 4.2: authMethodNotSupported).
	OtherMethod bool
}

// SearchRequest is RFC 4511, 4.5.1.
type SearchRequest struct {
	Base       []byte
	Scope      Scope
	Deref      Deref
	SizeLimit  int // 0: no limit set by the client (RFC 4511, 4.5.1.4)
	TimeLimit  int // seconds; 0: no limit set by the client (RFC 4511, 4.5.1.5)
	TypesOnly  bool
	Filter     *Filter  // never nil
	Attributes [][]byte // attribute selectors as sent
	Octets     []byte   // the message behind its id, controls included: equal octets are equal requests; nil for one that was not decoded
}

// CompareRequest is RFC 4511, 4.10.
type CompareRequest struct{ DN, Attribute, Value []byte }

// AbandonRequest is RFC 4511, 4.11.
type AbandonRequest struct{ ID int32 }

// ExtendedRequest is RFC 4511, 4.12.
type ExtendedRequest struct {
	OID      []byte
	Value    []byte
	HasValue bool // tells an empty value from none
}

// WriteRequest is an add, delete, modify or modifyDN (RFC 4511, 4.6 to 4.9). A read-only server needs no more than the name.
type WriteRequest struct{ DN []byte }

// Scope of a search (RFC 4511, 4.5.1.2).
type Scope int

// The scopes.
const (
	BaseObject   Scope = 0
	SingleLevel  Scope = 1
	WholeSubtree Scope = 2
)

// Deref says when aliases are followed (RFC 4511, 4.5.1.3).
type Deref int

// The values of derefAliases.
const (
	NeverDerefAliases   Deref = 0
	DerefInSearching    Deref = 1
	DerefFindingBaseObj Deref = 2
	DerefAlways         Deref = 3
)

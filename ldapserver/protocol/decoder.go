package protocol

// Limits bound what one message may hold. A zero field means the default.
type Limits struct {
	MaxDepth      int // levels of filters; 32
	MaxTerms      int // terms of a filter, And, Or and Not counted; 256
	MaxAttributes int // attribute selectors; 512
	MaxControls   int // 10
	MaxDN         int // octets of a DN; 4096
	MaxSubstrings int // parts of one substring term; 64
}

// Decoder decodes requests into memory that it owns and reuses: in steady state it allocates nothing. Not for concurrent use.
type Decoder struct {
	Limits Limits
	msg    Message
}

// Decode reads one whole PDU. The error is an *EnvelopeError (send a Notice of Disconnection and close, RFC 4511, 4.1.1) or an
// *Error: then the message has its ID and Op set, and that operation is to be answered with the error.
func (d *Decoder) Decode(pdu []byte) (*Message, error) { return &d.msg, nil }

// DecodeFilter reads an encoded Filter, the value of an assertion control (RFC 4528, 3), into memory of its own.
func DecodeFilter(value []byte, l Limits) (*Filter, error) { return nil, nil }

// DecodeCancel reads the value of a Cancel request (RFC 3909, 2.1): the message id to cancel.
func DecodeCancel(value []byte) (int32, error) { return 0, nil }

package ber

import "errors"

// Errors of the reader. They carry no data, so that refusing an element allocates nothing.
var (
	ErrTruncated  = errors.New("ber: element is cut off")
	ErrIndefinite = errors.New("ber: indefinite length")
	ErrLength     = errors.New("ber: length of more than four octets")
	ErrHighTag    = errors.New("ber: tag number above 30")
	ErrTag        = errors.New("ber: unexpected tag")
	ErrDepth      = errors.New("ber: nested too deeply")
	ErrTooLarge   = errors.New("ber: element is longer than allowed")
	ErrTrailing   = errors.New("ber: bytes after the last element")
	ErrValue      = errors.New("ber: value out of range")
	ErrEmpty      = errors.New("ber: value without content")
)

// FrameLength says how long the element is that starts with prefix, header included. need reports that prefix is too short to
// tell: read more, never more than is announced. max bounds total; beyond it err is ErrTooLarge.
func FrameLength(prefix []byte, max int) (total int, need bool, err error) {
	return 0, false, ErrTruncated
}

// Reader walks over the elements of one content. It copies nothing: every content it yields is a part of the bytes it was given.
type Reader struct {
	rest  []byte
	depth int
}

// NewReader reads b, into which at most depth levels of constructed elements may be entered.
func NewReader(b []byte, depth int) Reader { return Reader{b, depth} }

// Empty says that no element is left.
func (r *Reader) Empty() bool { return len(r.rest) == 0 }

// Peek is the tag of the next element, 0 where none is left.
func (r *Reader) Peek() Tag { return 0 }

// Next takes the next element, whatever it is.
func (r *Reader) Next() (Tag, []byte, error) { return 0, nil, ErrTruncated }

// Content takes the next element, which must have the tag want.
func (r *Reader) Content(want Tag) ([]byte, error) { return nil, ErrTruncated }

// Enter takes the next element, which must have the constructed tag want, and yields a reader of its content.
func (r *Reader) Enter(want Tag) (Reader, error) { return Reader{}, ErrTruncated }

// Int takes the next element as an integer under the tag want.
func (r *Reader) Int(want Tag) (int64, error) { return 0, ErrTruncated }

// Bool takes the next element as a boolean under the tag want.
func (r *Reader) Bool(want Tag) (bool, error) { return false, ErrTruncated }

// End is ErrTrailing where an element is left.
func (r *Reader) End() error { return nil }

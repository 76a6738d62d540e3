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

// IsMalformed says whether err means that the bytes are no BER at all, so that nothing behind them can be trusted, and not only that
// they hold something else than was asked for.
func IsMalformed(err error) bool {
	switch err {
	case ErrTruncated, ErrIndefinite, ErrLength, ErrHighTag, ErrTooLarge:
		return true
	}
	return false
}

// maxHeader is the longest header: a tag, the count of length octets, four length octets.
const maxHeader = 6

// header reads tag and length of the element that b starts with. size is the header's own length. length is at most 2^32-1 and is
// not compared with len(b). need says that b is too short to tell.
func header(b []byte) (tag Tag, size int, length int64, need bool, err error) {
	if len(b) == 0 {
		return 0, 0, 0, true, nil
	}
	tag = Tag(b[0])
	if tag&0x1f == 0x1f {
		return tag, 0, 0, false, ErrHighTag
	}
	if len(b) < 2 {
		return tag, 0, 0, true, nil
	}
	if b[1] < 0x80 {
		return tag, 2, int64(b[1]), false, nil
	}
	n := int(b[1] & 0x7f)
	if n == 0 {
		return tag, 0, 0, false, ErrIndefinite
	}
	if n > maxHeader-2 {
		return tag, 0, 0, false, ErrLength
	}
	if len(b) < 2+n {
		return tag, 0, 0, true, nil
	}
	for _, c := range b[2 : 2+n] {
		length = length<<8 | int64(c)
	}
	return tag, 2 + n, length, false, nil
}

// FrameLength says how long the message is that starts with prefix, header included, so that a connection knows how much to read.
// A message is a SEQUENCE (RFC 4511, 4.1.1): anything else is ErrTag at the first octet, be it HTTP or a TLS handshake.
// need says that prefix is too short to tell; six octets always suffice. A message longer than max is ErrTooLarge as soon as its
// header is there: nothing is to be read or allocated for it.
func FrameLength(prefix []byte, max int) (total int, need bool, err error) {
	if len(prefix) > 0 && Tag(prefix[0]) != Sequence {
		return 0, false, ErrTag
	}
	_, size, length, need, err := header(prefix)
	if err != nil || need {
		return 0, need, err
	}
	if length > int64(max)-int64(size) {
		return 0, false, ErrTooLarge
	}
	return size + int(length), false, nil
}

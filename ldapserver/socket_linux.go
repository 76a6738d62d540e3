package ldapserver

import (
	"io"
	"net"
	"os"
	"syscall"
	"unsafe"
)

// plainSocket is a TCP connection that is read, and written to by writeNow, without telling Go's scheduler. It need not know:
// the descriptor doesn't block, so that a call lasts some microseconds. One that is announced may have its processor
// taken away meanwhile, for which a thread wakes up; that and the announcement are a sixth of a lookup.
type plainSocket struct {
	*net.TCPConn
	raw syscall.RawConn

	// What the bound method works on. There is one writer at a time, and the bound method is made once.
	writeFrom  []byte
	writeN     int
	writeError error
	tryWrite   func(fd uintptr)
}

// plain makes a TCP connection cheaper to use; other connections stay what they are.
func plain(nc net.Conn) net.Conn {
	t, ok := nc.(*net.TCPConn)
	if !ok {
		return nc
	}
	raw, err := t.SyscallConn()
	if err != nil {
		return nc
	}
	s := &plainSocket{TCPConn: t, raw: raw}
	s.tryWrite = s.writeOnce
	return s
}

// serve calls octets, with the descriptor to read from, and again whenever something may have come, until it returns true. The error is
// net.Conn's for a read. Meanwhile nobody else can read: Read waits.
func (s *plainSocket) serve(octets func(fd uintptr) (done bool)) error { return s.raw.Read(octets) }

// readNow reads what is there: errNotYet where that is nothing.
func (s *plainSocket) readNow(b []byte) (n int, err error) {
	if failed := s.raw.Control(func(fd uintptr) { n, err = s.read(fd, b) }); failed != nil {
		return 0, failed
	}
	return n, err
}

// read is readNow for who has the descriptor. The end of the stream is io.EOF.
func (s *plainSocket) read(fd uintptr, b []byte) (int, error) {
	for {
		n, _, errno := syscall.RawSyscall(syscall.SYS_READ, fd, uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)))
		switch {
		case errno == syscall.EAGAIN:
			return 0, errNotYet
		case errno == syscall.EINTR:
			continue
		case errno != 0:
			return 0, os.NewSyscallError("read", errno)
		case n == 0 && len(b) > 0:
			return 0, io.EOF
		}
		return int(n), nil
	}
}

// writeNow writes what there is room for, whatever the deadline for writing is: less than b without an error where the
// client has to read first.
func (s *plainSocket) writeNow(b []byte) (int, error) {
	s.writeFrom, s.writeN, s.writeError = b, 0, nil
	err := s.raw.Control(s.tryWrite)
	s.writeFrom = nil
	if err != nil {
		return 0, err
	}
	return s.writeN, s.writeError
}

func (s *plainSocket) writeOnce(fd uintptr) {
	for s.writeN < len(s.writeFrom) {
		left := s.writeFrom[s.writeN:]
		n, _, errno := syscall.RawSyscall(syscall.SYS_WRITE, fd, uintptr(unsafe.Pointer(&left[0])), uintptr(len(left)))
		switch {
		case errno == syscall.EAGAIN:
			return
		case errno == syscall.EINTR:
			continue
		case errno != 0:
			s.writeError = os.NewSyscallError("write", errno)
			return
		}
		s.writeN += int(n)
	}
}

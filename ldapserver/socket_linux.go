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

	// What the bound methods below work on. Each direction has one user at a time, and the bound methods are made once.
	readInto   []byte
	readN      int
	readError  error
	writeFrom  []byte
	writeN     int
	writeError error
	tryRead    func(fd uintptr) bool
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
	s.tryRead, s.tryWrite = s.readOnce, s.writeOnce
	return s
}

// Read is net.Conn's.
func (s *plainSocket) Read(b []byte) (int, error) {
	if len(b) == 0 {
		return 0, nil
	}
	s.readInto = b
	err := s.raw.Read(s.tryRead)
	s.readInto = nil
	if err != nil {
		return 0, err
	}
	return s.readN, s.readError
}

// readOnce reads what is there. False means nothing.
func (s *plainSocket) readOnce(fd uintptr) bool {
	for {
		n, _, errno := syscall.RawSyscall(syscall.SYS_READ, fd, uintptr(unsafe.Pointer(&s.readInto[0])), uintptr(len(s.readInto)))
		switch {
		case errno == syscall.EAGAIN:
			return false
		case errno == syscall.EINTR:
			continue
		case errno != 0:
			s.readN, s.readError = 0, os.NewSyscallError("read", errno)
		case n == 0:
			s.readN, s.readError = 0, io.EOF
		default:
			s.readN, s.readError = int(n), nil
		}
		return true
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

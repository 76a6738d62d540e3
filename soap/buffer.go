package soap

import "sync"

// Reply buffers are used again, since a replication reads hundreds of replies of
// the same size. Larger ones than keptBuffer are left to the collector.
const (
	firstBuffer = 64 << 10
	keptBuffer  = 8 << 20
	maxBuffers  = 4
)

// bufferPool is a bounded free list. The zero value is ready.
type bufferPool struct {
	mu   sync.Mutex
	free [][]byte
}

func (p *bufferPool) take() []byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := len(p.free)
	if n == 0 {
		return make([]byte, 0, firstBuffer)
	}
	b := p.free[n-1]
	p.free = p.free[:n-1]
	return b
}

// give returns a buffer. Its content is wiped: it may have held a session id.
func (p *bufferPool) give(b []byte) {
	if cap(b) == 0 || cap(b) > keptBuffer {
		return
	}
	clear(b)
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.free) < maxBuffers {
		p.free = append(p.free, b[:0])
	}
}

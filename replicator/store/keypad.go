package store

// Beginnings appends to dst the beginnings of words in the index that choices allow: one text out of each in turn, ASCII.
// Where there are more than most, the beginnings of fewer choices are returned, each of which stands for all that begin
// so; with most 0 that is the empty one. It takes one seek for each beginning that it tries.
func (r *Reader) Beginnings(dst [][]byte, choices [][]string, most int) (found [][]byte) {
	defer func() {
		if e := recover(); e != nil {
			r.damaged(e)
			found = dst
		}
	}()
	level := [][]byte{nil}
	for _, texts := range choices {
		var next [][]byte
		for _, begin := range level {
			for _, text := range texts {
				word := append(append(make([]byte, 0, 2*len(choices)), begin...), text...)
				r.key = append(append(r.key[:0], kindWord), word...)
				if k, _ := r.index[0].Seek(r.key); hasPrefix(k, r.key) {
					next = append(next, word)
				}
			}
		}
		if len(next) > most {
			break
		}
		if level = next; len(level) == 0 {
			break
		}
	}
	return append(dst, level...)
}

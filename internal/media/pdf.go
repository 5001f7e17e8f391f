package media

import (
	"bytes"
	"compress/zlib"
	"errors"
	"io"
	"strconv"
)

// pdfPages reads how many pages a PDF has from the root of its page tree; 0 = it cannot be told. Only what is on the way
// there is read: the cross-reference, the catalogue and the root. The numbers below are those of sections in ISO 32000-1,
// https://opensource.adobe.com/dc-acrobat-sdk-docs/pdfstandards/PDF32000_2008.pdf
func pdfPages(r io.ReaderAt, size int64) int {
	p := &pdf{r: r, size: size, at: map[int]place{}}
	trailer, err := p.crossReference()
	if err != nil {
		return 0
	}
	catalogue, _ := p.resolve(trailer["Root"]).(pdfDict)
	root, _ := p.resolve(catalogue["Pages"]).(pdfDict)
	count, _ := p.resolve(root["Count"]).(int64)
	if count < 0 || count > size { // a page takes more than a byte
		return 0
	}
	return int(count)
}

// What bounds the reading of a file that is made to be costly.
const (
	pdfTail     = 2048
	pdfWindow   = 64 << 10 // of one object without its stream
	pdfStream   = 32 << 20 // of an unpacked stream
	pdfSections = 256      // of the cross-reference, after as many changes
	pdfLooks    = 64       // objects that are followed
	pdfObjects  = 10_000_000
)

var errPDF = errors.New("media: not to be read as PDF")

// place is where an object is: at an offset, or the nth in a stream of objects.
type place struct {
	offset int64
	stream int // 0 = at the offset
	nth    int
}

type pdf struct {
	r     io.ReaderAt
	size  int64
	at    map[int]place
	looks int
}

// crossReference follows the sections (7.5.4, 7.5.8) from the newest on; what is newer counts. It gives the newest trailer.
func (p *pdf) crossReference() (pdfDict, error) {
	tail := make([]byte, min(pdfTail, p.size))
	if _, err := p.r.ReadAt(tail, p.size-int64(len(tail))); err != nil && !errors.Is(err, io.EOF) {
		return nil, errPDF
	}
	i := bytes.LastIndex(tail, []byte("startxref"))
	if i < 0 {
		return nil, errPDF
	}
	offset, ok := (&lexer{b: tail[i+len("startxref"):]}).value(0).(int64)
	if !ok {
		return nil, errPDF
	}
	var newest pdfDict
	seen := map[int64]bool{}
	for next := []int64{offset}; len(next) > 0; next = next[1:] {
		if seen[next[0]] || len(seen) == pdfSections {
			continue
		}
		seen[next[0]] = true
		trailer, err := p.section(next[0])
		if err != nil {
			return nil, err
		}
		if newest == nil {
			newest = trailer
		}
		for _, key := range []pdfName{"XRefStm", "Prev"} {
			if more, ok := trailer[key].(int64); ok {
				next = append(next, more)
			}
		}
	}
	return newest, nil
}

func (p *pdf) section(offset int64) (pdfDict, error) {
	b := p.window(offset, pdfWindow)
	if table, ok := bytes.CutPrefix(bytes.TrimLeft(b, " \t\r\n"), []byte("xref")); ok {
		return p.table(offset + int64(len(b)-len(table)))
	}
	dict, raw, err := p.object(offset)
	if err != nil || dict["Type"] != pdfName("XRef") {
		return nil, errPDF
	}
	return dict, p.xrefStream(dict, raw)
}

// table reads a section of lines (7.5.4), each of 20 bytes, and the trailer behind it.
func (p *pdf) table(at int64) (pdfDict, error) {
	for range pdfSections {
		b := p.window(at, pdfWindow)
		l := &lexer{b: b}
		first := l.value(0)
		if first == pdfWord("trailer") {
			dict, ok := l.value(0).(pdfDict)
			if !ok {
				return nil, errPDF
			}
			return dict, nil
		}
		from, ok1 := first.(int64)
		count, ok2 := l.value(0).(int64)
		if !ok1 || !ok2 || from < 0 || count < 0 || from+count > pdfObjects || count > p.size/20 {
			return nil, errPDF
		}
		l.space()
		at += int64(l.at)
		for n := int64(0); n < count; {
			lines := p.window(at, int(min(count-n, 3000)*20))
			if len(lines) < 20 {
				return nil, errPDF
			}
			for ; len(lines) >= 20 && n < count; n++ {
				offset, err := strconv.ParseInt(string(lines[:10]), 10, 64)
				if err != nil {
					return nil, errPDF
				}
				if lines[17] == 'n' {
					p.add(int(from+n), place{offset: offset})
				}
				lines, at = lines[20:], at+20
			}
		}
	}
	return nil, errPDF
}

// xrefStream reads a section that is a stream (7.5.8): rows of three numbers of given widths.
func (p *pdf) xrefStream(dict pdfDict, raw []byte) error {
	widths, _ := dict["W"].([]any)
	if len(widths) != 3 {
		return errPDF
	}
	var w [3]int
	for i, v := range widths {
		n, ok := v.(int64)
		if !ok || n < 0 || n > 8 {
			return errPDF
		}
		w[i] = int(n)
	}
	row := w[0] + w[1] + w[2]
	index, ok := dict["Index"].([]any)
	if !ok {
		index = []any{int64(0), dict["Size"]}
	}
	for ; len(index) >= 2; index = index[2:] {
		from, ok1 := index[0].(int64)
		count, ok2 := index[1].(int64)
		if !ok1 || !ok2 || from < 0 || count < 0 || from+count > pdfObjects || row == 0 {
			return errPDF
		}
		for n := int64(0); n < count && len(raw) >= row; n++ {
			kind := int64(1)
			if w[0] > 0 {
				kind = bigEndian(raw[:w[0]])
			}
			second, third := bigEndian(raw[w[0]:w[0]+w[1]]), bigEndian(raw[w[0]+w[1]:row])
			switch kind {
			case 1:
				p.add(int(from+n), place{offset: second})
			case 2:
				if second > 0 && second <= pdfObjects && third >= 0 && third <= pdfObjects {
					p.add(int(from+n), place{stream: int(second), nth: int(third)})
				}
			}
			raw = raw[row:]
		}
	}
	return nil
}

func (p *pdf) add(n int, at place) {
	if _, newer := p.at[n]; !newer {
		p.at[n] = at
	}
}

func bigEndian(b []byte) int64 {
	var n int64
	for _, c := range b {
		n = n<<8 | int64(c)
	}
	return n
}

// resolve follows a reference to its object; what cannot be followed is nil.
func (p *pdf) resolve(v any) any {
	for {
		ref, ok := v.(pdfRef)
		if !ok {
			return v
		}
		if p.looks++; p.looks > pdfLooks {
			return nil
		}
		at, known := p.at[int(ref)]
		if !known {
			return nil
		}
		if at.stream != 0 {
			v = p.packed(at)
			continue
		}
		l := &lexer{b: p.window(at.offset, pdfWindow)}
		if !l.header() {
			return nil
		}
		v = l.value(0)
	}
}

// packed takes an object out of a stream of objects (7.5.7).
func (p *pdf) packed(at place) any {
	holder, known := p.at[at.stream]
	if !known || holder.stream != 0 {
		return nil
	}
	dict, raw, err := p.object(holder.offset)
	first, ok := dict["First"].(int64)
	if err != nil || !ok || first < 0 || first > int64(len(raw)) {
		return nil
	}
	l := &lexer{b: raw[:first]}
	for n := 0; ; n++ {
		_, ok1 := l.value(0).(int64)
		offset, ok2 := l.value(0).(int64)
		if !ok1 || !ok2 {
			return nil
		}
		if n == at.nth {
			if offset < 0 || offset > int64(len(raw))-first {
				return nil
			}
			return (&lexer{b: raw[first+offset:]}).value(0)
		}
	}
}

// object reads a dictionary with its unpacked stream.
func (p *pdf) object(offset int64) (pdfDict, []byte, error) {
	l := &lexer{b: p.window(offset, pdfWindow)}
	if !l.header() {
		return nil, nil, errPDF
	}
	dict, ok := l.value(0).(pdfDict)
	if !ok || l.value(0) != pdfWord("stream") {
		return dict, nil, errPDF
	}
	if l.at < len(l.b) && l.b[l.at] == '\r' {
		l.at++
	}
	if l.at < len(l.b) && l.b[l.at] == '\n' {
		l.at++
	}
	length, ok := p.resolve(dict["Length"]).(int64)
	if !ok || length < 0 || length > p.size || length > pdfStream {
		return dict, nil, errPDF
	}
	raw, err := unpack(dict, p.window(offset+int64(l.at), int(length)))
	return dict, raw, err
}

// unpack undoes the one filter that is used for what is looked for (7.4.4), and its predictor.
func unpack(dict pdfDict, raw []byte) ([]byte, error) {
	filter := dict["Filter"]
	if list, ok := filter.([]any); ok && len(list) == 1 {
		filter = list[0]
	}
	if filter == nil {
		return raw, nil
	}
	if filter != pdfName("FlateDecode") {
		return nil, errPDF
	}
	z, err := zlib.NewReader(bytes.NewReader(raw))
	if err != nil {
		return nil, errPDF
	}
	out, err := io.ReadAll(io.LimitReader(z, pdfStream))
	if err != nil && len(out) == 0 {
		return nil, errPDF
	}
	params := dict["DecodeParms"]
	if list, ok := params.([]any); ok && len(list) == 1 {
		params = list[0]
	}
	how, _ := params.(pdfDict)
	if predictor, _ := how["Predictor"].(int64); predictor < 10 {
		return out, nil
	}
	columns, ok := how["Columns"].(int64)
	if !ok || columns < 1 || columns > 1<<16 {
		return nil, errPDF
	}
	return unpredict(out, int(columns))
}

// unpredict undoes PNG's filters for rows of single bytes. Those who write cross-references use Up.
func unpredict(in []byte, columns int) ([]byte, error) {
	var out []byte
	above := make([]byte, columns)
	for ; len(in) > columns; in = in[columns+1:] {
		row := in[1 : columns+1]
		for i := range row {
			var left, corner byte
			if i > 0 {
				left, corner = row[i-1], above[i-1]
			}
			switch in[0] {
			case 0:
			case 1:
				row[i] += left
			case 2:
				row[i] += above[i]
			case 3:
				row[i] += byte((int(left) + int(above[i])) / 2) //nolint:gosec // the mean of two bytes
			case 4:
				row[i] += paeth(left, above[i], corner)
			default:
				return nil, errPDF
			}
		}
		out, above = append(out, row...), row
	}
	return out, nil
}

func paeth(a, b, c byte) byte {
	distance := func(x byte) int {
		d := int(a) + int(b) - int(c) - int(x)
		return max(d, -d)
	}
	switch {
	case distance(a) <= distance(b) && distance(a) <= distance(c):
		return a
	case distance(b) <= distance(c):
		return b
	default:
		return c
	}
}

// window reads at most n bytes from the offset on; fewer at the end.
func (p *pdf) window(offset int64, n int) []byte {
	if offset < 0 || offset >= p.size || n <= 0 {
		return nil
	}
	b := make([]byte, min(int64(n), p.size-offset))
	got, err := p.r.ReadAt(b, offset)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil
	}
	return b[:got]
}

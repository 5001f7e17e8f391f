package media

import (
	"encoding/binary"
	"errors"
	"io"
	"math"
)

// Video is what an MP4 or MOV file says of itself.
type Video struct {
	QuickTime     bool // a MOV file
	DurationMs    int64
	Width, Height int     // as shown, after the track's rotation
	Codec         string  // four letters of the picture track: "avc1", "hvc1"
	FrameRate     float64 // pictures per second, the average; 0 where the file does not tell
}

const (
	// maxMoov is how large a file's description may be. An hour of video needs less than 2 MB.
	maxMoov = 16 << 20
	// maxBoxes is how many boxes are looked at on one level before giving up.
	maxBoxes = 256
)

var errNoVideo = errors.New("media: not a video that can be read")

// ReadVideo reads the description of an MP4 or MOV file (ISO 14496-12): the headers of the outer boxes and the moov
// box, wherever it lies, and nothing of the pictures. The error is errNoVideo or the reader's own.
func ReadVideo(r io.ReaderAt, size int64) (Video, error) {
	var v Video
	at := int64(0)
	for range maxBoxes {
		kind, body, length, err := header(r, at, size)
		if err != nil {
			return v, err
		}
		switch kind {
		case "ftyp":
			var brand [4]byte
			if _, err := r.ReadAt(brand[:], at+body); err != nil {
				return v, truncated(err)
			}
			v.QuickTime = string(brand[:]) == "qt  "
		case "moov":
			if length-body > maxMoov {
				return v, errNoVideo
			}
			moov := make([]byte, length-body)
			if _, err := r.ReadAt(moov, at+body); err != nil {
				return v, truncated(err)
			}
			return v, v.movie(moov)
		}
		at += length
	}
	return v, errNoVideo
}

// header reads one box's kind, where its body begins, and its whole length.
func header(r io.ReaderAt, at, size int64) (kind string, body, length int64, err error) {
	var h [16]byte
	if size-at < 8 {
		return "", 0, 0, errNoVideo
	}
	n := min(int64(len(h)), size-at)
	if _, err := r.ReadAt(h[:n], at); err != nil {
		return "", 0, 0, truncated(err)
	}
	body, length = 8, int64(binary.BigEndian.Uint32(h[:]))
	switch length {
	case 0:
		length = size - at
	case 1:
		body, length = 16, int64(min(binary.BigEndian.Uint64(h[8:]), math.MaxInt64)) //nolint:gosec // bounded
	}
	if length < body || length > size-at {
		return "", 0, 0, errNoVideo
	}
	return string(h[4:8]), body, length, nil
}

// truncated turns an end in the middle into errNoVideo.
func truncated(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errNoVideo
	}
	return err
}

// boxes calls each for the boxes in b.
func boxes(b []byte, each func(kind string, body []byte) error) error {
	for range maxBoxes {
		if len(b) < 8 {
			return nil
		}
		body, length := uint64(8), uint64(binary.BigEndian.Uint32(b))
		switch {
		case length == 0:
			length = uint64(len(b))
		case length == 1 && len(b) >= 16:
			body, length = 16, binary.BigEndian.Uint64(b[8:])
		}
		if length < body || length > uint64(len(b)) {
			return errNoVideo
		}
		if err := each(string(b[4:8]), b[body:length]); err != nil {
			return err
		}
		b = b[length:]
	}
	return errNoVideo
}

// find gives the first box at a path.
func find(b []byte, path ...string) []byte {
	for _, name := range path {
		var found []byte
		err := boxes(b, func(kind string, body []byte) error {
			if kind == name && found == nil {
				found = body
			}
			return nil
		})
		if err != nil || found == nil {
			return nil
		}
		b = found
	}
	return b
}

// movie reads moov: the length of the whole, and its first picture track.
func (v *Video) movie(moov []byte) error {
	scale, duration := clock(find(moov, "mvhd"))
	if duration == 0 { // a fragmented file tells it elsewhere
		if b := find(moov, "mvex", "mehd"); len(b) >= 8 {
			duration = number(b[4:], b[0])
		}
	}
	if scale == 0 || duration == 0 {
		return errNoVideo
	}
	seconds := float64(duration) / float64(scale)
	if seconds > 7*24*3600 {
		return errNoVideo
	}
	v.DurationMs = int64(math.Round(seconds * 1000))
	return boxes(moov, func(kind string, body []byte) error {
		if h := find(body, "mdia", "hdlr"); kind == "trak" && v.Width == 0 && len(h) >= 12 && string(h[8:12]) == "vide" {
			v.track(body)
		}
		return nil
	})
}

// number reads a version 0 (32 bits) or version 1 (64 bits) value.
func number(b []byte, version byte) uint64 {
	switch {
	case version == 1 && len(b) >= 8:
		return binary.BigEndian.Uint64(b)
	case version != 1 && len(b) >= 4:
		return uint64(binary.BigEndian.Uint32(b))
	}
	return 0
}

// clock reads time scale and duration of a movie or media header.
func clock(b []byte) (scale, duration uint64) {
	switch {
	case len(b) >= 20 && b[0] == 0:
		return number(b[12:], 0), number(b[16:], 0)
	case len(b) >= 32 && b[0] == 1:
		return number(b[20:], 0), number(b[24:], 1)
	}
	return 0, 0
}

func (v *Video) track(trak []byte) {
	if t := find(trak, "tkhd"); len(t) >= 84 {
		skip := 0
		if t[0] == 1 && len(t) >= 96 {
			skip = 12 // two times and a duration of 64 bits
		}
		t = t[skip:]
		v.Width, v.Height = int(binary.BigEndian.Uint16(t[76:])), int(binary.BigEndian.Uint16(t[80:]))
		if a, b := binary.BigEndian.Uint32(t[40:]), binary.BigEndian.Uint32(t[44:]); a == 0 && b != 0 {
			v.Width, v.Height = v.Height, v.Width
		}
	}
	stbl := find(trak, "mdia", "minf", "stbl")
	if d := find(stbl, "stsd"); len(d) >= 16 {
		v.Codec = fourLetters(d[12:16])
		if len(d) >= 44 && (v.Width == 0 || v.Height == 0) {
			v.Width, v.Height = int(binary.BigEndian.Uint16(d[40:])), int(binary.BigEndian.Uint16(d[42:]))
		}
	}
	scale, _ := clock(find(trak, "mdia", "mdhd"))
	if stts := find(stbl, "stts"); len(stts) >= 8 {
		v.FrameRate = rate(stts[8:], binary.BigEndian.Uint32(stts[4:]), scale)
	}
}

// rate is the average over the table of how long each picture is shown, to a thousandth.
func rate(table []byte, entries uint32, scale uint64) float64 {
	var pictures, ticks float64
	for range entries {
		if len(table) < 8 {
			break
		}
		n := float64(binary.BigEndian.Uint32(table))
		pictures += n
		ticks += n * float64(binary.BigEndian.Uint32(table[4:]))
		table = table[8:]
	}
	if ticks == 0 {
		return 0
	}
	return math.Round(pictures/ticks*float64(scale)*1000) / 1000
}

// fourLetters is a codec's name if it can be shown.
func fourLetters(b []byte) string {
	for _, c := range b {
		if c < ' ' || c > '~' {
			return ""
		}
	}
	return string(b)
}

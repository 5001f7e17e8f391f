package sandbox

import "encoding/binary"

// videoInfo is what the bytes of an MP4 file say.
type videoInfo struct {
	millis        int64
	width, height int
}

// probeVideo reads length and size from moov, mvhd and tkhd; ok is false when they are not there.
func probeVideo(data []byte) (v videoInfo, ok bool) {
	moov := boxOf(data, "moov")
	h := boxOf(moov, "mvhd")
	if len(h) < 20 || h[0] != 0 {
		return v, false
	}
	scale, length := int64(binary.BigEndian.Uint32(h[12:])), int64(binary.BigEndian.Uint32(h[16:]))
	if scale == 0 || length == 0 {
		return v, false
	}
	v.millis = length * 1000 / scale
	for rest := moov; ; {
		trak, after := nextBox(rest, "trak")
		if trak == nil {
			return v, v.width > 0 && v.height > 0
		}
		rest = after
		if t := boxOf(trak, "tkhd"); len(t) >= 84 && t[0] == 0 && v.width == 0 {
			v.width, v.height = int(binary.BigEndian.Uint16(t[76:])), int(binary.BigEndian.Uint16(t[80:]))
			if binary.BigEndian.Uint32(t[40:]) == 0 { // the matrix turns the picture
				v.width, v.height = v.height, v.width
			}
		}
	}
}

func boxOf(b []byte, kind string) []byte {
	body, _ := nextBox(b, kind)
	return body
}

// nextBox finds the first box of a kind and what follows it.
func nextBox(b []byte, kind string) (body, rest []byte) {
	for len(b) >= 8 {
		n := uint64(binary.BigEndian.Uint32(b))
		if n < 8 || n > uint64(len(b)) {
			return nil, nil
		}
		if string(b[4:8]) == kind {
			return b[8:n], b[n:]
		}
		b = b[n:]
	}
	return nil, nil
}

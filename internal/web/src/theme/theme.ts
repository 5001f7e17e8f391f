import {
  ActionIcon,
  Alert,
  Button,
  Card,
  createTheme,
  Menu,
  Modal,
  PasswordInput,
  Select,
  Textarea,
  TextInput,
  Tooltip,
  type CSSVariablesResolver,
  type MantineColorsTuple,
} from '@mantine/core'

// Ink: a blue violet that is no platform's colour, so that theirs and ours are never mixed up.
const ink: MantineColorsTuple = [
  '#f1f1fb',
  '#e1e1f6',
  '#c3c2ec',
  '#a3a1e1',
  '#8785d6',
  '#6f6dcb',
  '#5b59be',
  '#4746b0',
  '#3a3993',
  '#2d2c74',
]

// Greys with a little warmth in light, and a little blue in dark.
const gray: MantineColorsTuple = [
  '#faf9f7',
  '#f3f2ee',
  '#e8e6e0',
  '#dad7cf',
  '#c3bfb5',
  '#a19d94',
  '#7b7780',
  '#5d5963',
  '#3d3a43',
  '#232127',
]
const dark: MantineColorsTuple = [
  '#e4e5ec',
  '#b9bbc8',
  '#9295a6',
  '#5f6373',
  '#343844',
  '#282b35',
  '#1d2028',
  '#15171d',
  '#101217',
  '#0b0c10',
]

export const theme = createTheme({
  primaryColor: 'ink',
  primaryShade: { light: 7, dark: 6 },
  colors: { ink, gray, dark },
  fontFamily:
    "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', 'Noto Sans', 'Liberation Sans', sans-serif",
  fontFamilyMonospace: "ui-monospace, SFMono-Regular, Menlo, Consolas, 'Liberation Mono', monospace",
  defaultRadius: 'md',
  radius: { xs: '4px', sm: '6px', md: '9px', lg: '14px', xl: '24px' },
  fontSizes: { xs: '0.78rem', sm: '0.875rem', md: '0.95rem', lg: '1.1rem', xl: '1.3rem' },
  headings: {
    fontWeight: '650',
    sizes: {
      h1: { fontSize: '1.6rem', lineHeight: '1.25' },
      h2: { fontSize: '1.08rem', lineHeight: '1.4' },
      h3: { fontSize: '0.95rem', lineHeight: '1.4' },
    },
  },
  shadows: {
    xs: '0 1px 2px rgb(25 22 40 / 5%)',
    sm: '0 1px 2px rgb(25 22 40 / 5%), 0 2px 8px rgb(25 22 40 / 4%)',
    md: '0 4px 18px rgb(25 22 40 / 9%)',
    xl: '0 18px 50px rgb(25 22 40 / 18%)',
  },
  focusRing: 'auto',
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    Button: Button.extend({ defaultProps: { size: 'sm' }, styles: { label: { fontWeight: 600 } } }),
    ActionIcon: ActionIcon.extend({ defaultProps: { variant: 'subtle', color: 'gray' } }),
    Alert: Alert.extend({ defaultProps: { variant: 'light', radius: 'md' } }),
    Card: Card.extend({ defaultProps: { radius: 'lg', withBorder: true, padding: 'lg' } }),
    Menu: Menu.extend({ defaultProps: { shadow: 'md', position: 'bottom-end', width: 220 } }),
    Modal: Modal.extend({
      defaultProps: {
        centered: true,
        radius: 'lg',
        padding: 'lg',
        overlayProps: { backgroundOpacity: 0.45 },
        closeButtonProps: { 'aria-label': 'Close' },
      },
      styles: {
        title: { fontWeight: 650, fontSize: '1.08rem', lineHeight: 1.35 },
        content: { background: 'var(--herald-surface)' },
        header: { background: 'var(--herald-surface)' },
      },
    }),
    TextInput: TextInput.extend({ defaultProps: { size: 'sm' } }),
    PasswordInput: PasswordInput.extend({ defaultProps: { size: 'sm' } }),
    Textarea: Textarea.extend({ defaultProps: { size: 'sm' } }),
    Select: Select.extend({ defaultProps: { size: 'sm' } }),
    Tooltip: Tooltip.extend({
      defaultProps: { openDelay: 250, withArrow: true, events: { hover: true, focus: true, touch: false } },
    }),
  },
})

// The library's tinted variants (alerts, subtle buttons) speak in our tones.
const tones = Object.fromEntries(
  Object.entries({ ink: 'accent', red: 'bad', yellow: 'warn', green: 'good', gray: 'idle' }).flatMap(
    ([color, tone]) => [
      [`--mantine-color-${color}-light`, `var(--herald-${tone}-soft)`],
      [`--mantine-color-${color}-light-hover`, `var(--herald-${tone}-soft)`],
      [`--mantine-color-${color}-light-color`, `var(--herald-${tone})`],
      [`--mantine-color-${color}-outline`, `var(--herald-${tone})`],
    ],
  ),
)

export const variables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    ...tones,
    '--mantine-color-body': '#f6f5f2',
    '--mantine-color-text': '#232127',
    '--mantine-color-dimmed': '#66626c',
    '--mantine-color-placeholder': '#757179',
    '--mantine-color-default-border': '#dfdcd5',
    '--mantine-color-error': '#b42323',
    '--herald-surface': '#ffffff',
    '--herald-sunken': '#f1efea',
    '--herald-side': '#fbfaf8',
    '--herald-line': '#e6e3dc',
    '--mantine-color-anchor': '#4746b0',
    '--herald-accent': '#4746b0',
    '--herald-accent-soft': '#ecebfa',
    '--herald-good': '#1c6f45',
    '--herald-good-soft': '#e2f3e9',
    '--herald-warn': '#8a5200',
    '--herald-warn-soft': '#fdf0d8',
    '--herald-bad': '#b42323',
    '--herald-bad-soft': '#fde8e6',
    '--herald-idle': '#5d5963',
    '--herald-idle-soft': '#efede8',
  },
  dark: {
    ...tones,
    '--mantine-color-body': '#121419',
    '--mantine-color-text': '#e4e5ec',
    '--mantine-color-dimmed': '#9c9fb0',
    '--mantine-color-placeholder': '#868a9b',
    '--mantine-color-default-border': '#343844',
    '--mantine-color-error': '#ff9d95',
    '--herald-surface': '#1a1d24',
    '--herald-sunken': '#15171d',
    '--herald-side': '#15171d',
    '--herald-line': '#2a2d37',
    '--mantine-color-anchor': '#b0aef0',
    '--herald-accent': '#b0aef0',
    '--herald-accent-soft': '#29284a',
    '--herald-good': '#7fd6a6',
    '--herald-good-soft': '#16301f',
    '--herald-warn': '#f0c06a',
    '--herald-warn-soft': '#372a12',
    '--herald-bad': '#ff9d95',
    '--herald-bad-soft': '#3b1c1d',
    '--herald-idle': '#a7aaba',
    '--herald-idle-soft': '#262933',
  },
})

/** Small inline drawings; decorative, the control beside or around them carries the name. */
const box = {
  viewBox: "0 0 24 24",
  fill: "none",
  stroke: "currentColor",
  "stroke-width": "2",
  "aria-hidden": "true",
} as const;

export const WeirMark = () => (
  <svg {...box} stroke-width="2.25" stroke-linecap="round" stroke-linejoin="round">
    <path d="M2 6h7c2 0 2.500 1.500 2.500 3.500S12 13 14 13h8" />
    <path d="M2 11h4.500c2 0 2.500 1.500 2.500 3.500S10 18 12 18h10" />
  </svg>
);

export const ThemeIcon = () => (
  <svg {...box}>
    <circle cx="12" cy="12" r="8" />
    <path d="M12 4a8 8 0 0 1 0 16z" fill="currentColor" />
  </svg>
);

export const ClockIcon = () => (
  <svg {...box}>
    <circle cx="12" cy="12" r="9" />
    <path d="M12 7v5l3.500 2" stroke-linecap="round" />
  </svg>
);

export const MenuIcon = () => (
  <svg {...box} stroke-linecap="round">
    <path d="M4 7h16M4 12h16M4 17h16" />
  </svg>
);

export const SearchIcon = () => (
  <svg {...box} stroke-linecap="round">
    <circle cx="11" cy="11" r="6.500" />
    <path d="M16 16l4.500 4.500" />
  </svg>
);

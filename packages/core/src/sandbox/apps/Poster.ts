/** A plain poster for an invented title: its name on a colour of its own. */

export const poster = (title: string, year: number): Response =>
  new Response(drawing(title, year), { headers: { "content-type": "image/svg+xml", "cache-control": "max-age=86400" } })

const drawing = (title: string, year: number): string => {
  let hue = 0
  for (const letter of title) hue = (hue * 31 + letter.charCodeAt(0)) % 360
  const words = escapeXml(title).split(" ")
  const lines = words.map((word, index) => `<tspan x="24" dy="${index === 0 ? 0 : 44}">${word}</tspan>`).join("")
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="400" height="600" viewBox="0 0 400 600">` +
    `<rect width="400" height="600" fill="hsl(${hue} 35% 26%)"/><circle cx="300" cy="470" r="180" fill="hsl(${(hue + 40) % 360} 40% 38%)"/>` +
    `<text y="90" font-family="sans-serif" font-size="38" font-weight="700" fill="#fff">${lines}</text>` +
    `<text x="24" y="570" font-family="sans-serif" font-size="24" fill="#fff">${year}</text></svg>`
  )
}

export const escapeXml = (text: string): string =>
  text.replace(/[&<>"]/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[sign] ?? sign)

"""Well-known sites. Written alone, the name of such a site is the name of a tool ("Make.com", "Booking.com"), as in any
text about work. With a path or an account in front (`acme.slack.com`), it is an address.
"""

from contracts.scan.words import word_set

SOCIAL = word_set("""
    linkedin.com instagram.com facebook.com fb.com twitter.com x.com github.com gitlab.com tiktok.com youtube.com t.me
    wa.me telegram.me medium.com behance.net dribbble.com malt.fr malt.com bsky.app snapchat.com pinterest.com
    pinterest.fr threads.net xing.com discord.gg linktr.ee bitbucket.org vimeo.com twitch.tv
""")
"""Hosts whose path names a person or a page, so that the address is a handle."""
MAIL_PROVIDERS = word_set("""
    gmail.com outlook.com outlook.fr hotmail.com hotmail.fr live.fr live.com yahoo.com yahoo.fr orange.fr free.fr
    sfr.fr laposte.net wanadoo.fr icloud.com me.com proton.me protonmail.com gmx.de gmx.fr gmx.net web.de bluewin.ch
    skynet.be telenet.be aol.com msn.com bbox.fr
""")
PLATFORMS = (
    SOCIAL
    | MAIL_PROVIDERS
    | word_set("""
    asp.net vb.net ado.net ml.net paint.net socket.io draw.io diagrams.net monday.com make.com cal.com notion.so
    notion.com booking.com amazon.fr amazon.com amazon.de amazon.be amazon.es amazon.it amazon.co.uk ebay.com ebay.fr
    leboncoin.fr doctolib.fr welcometothejungle.com indeed.com indeed.fr monster.fr apec.fr glassdoor.fr glassdoor.com
    salesforce.com force.com hubspot.com hotels.com expedia.com expedia.fr airbnb.com airbnb.fr tripadvisor.com
    tripadvisor.fr trivago.com trivago.fr kayak.com skyscanner.com vrbo.com abritel.fr trainline.com blablacar.fr
    canva.com figma.com miro.com zapier.com n8n.io ifttt.com airtable.com trello.com asana.com clickup.com slack.com
    zoom.us teams.microsoft.com meet.google.com calendly.com typeform.com tally.so surveymonkey.com mailchimp.com
    brevo.com sendinblue.com mailjet.com sarbacane.com substack.com beehiiv.com wordpress.com wordpress.org wix.com
    webflow.com webflow.io squarespace.com shopify.com prestashop.com woocommerce.com stripe.com paypal.com wise.com
    openai.com chatgpt.com chat.openai.com claude.ai anthropic.com mistral.ai chat.mistral.ai perplexity.ai
    character.ai otter.ai fireflies.ai copy.ai jasper.ai writer.com grammarly.com deepl.com gamma.app beautiful.ai
    tome.app pitch.com cursor.com cursor.so cursor.sh bolt.new lovable.dev v0.dev v0.app replit.com huggingface.co
    stability.ai midjourney.com elevenlabs.io synthesia.io heygen.com d-id.com runwayml.com suno.com suno.ai poe.com
    you.com phind.com x.ai scale.ai cohere.ai cohere.com groq.com together.ai langchain.com pinecone.io weaviate.io
    google.com google.fr bing.com duckduckgo.com qwant.com ecosia.org microsoft.com office.com apple.com wikipedia.org
    fr.wikipedia.org en.wikipedia.org openstreetmap.org stackoverflow.com
    deno.land bun.sh fly.io render.com railway.app vercel.com netlify.com heroku.com cloudflare.com digitalocean.com
    python.org nodejs.org docker.com kubernetes.io sentry.io postman.com auth0.com algolia.com segment.com segment.io
    amplitude.com intercom.com zendesk.com freshdesk.com pipedrive.com sellsy.com axonaut.com pennylane.com qonto.com
    indy.fr tiime.fr shine.fr payfit.com lucca.fr eurecia.com factorial.fr silae.fr societe.com pappers.fr
    infogreffe.fr verif.com manageo.fr trustpilot.com avis-verifies.com google.be google.ch data.gouv.fr
    service-public.fr legifrance.gouv.fr impots.gouv.fr economie.gouv.fr travail-emploi.gouv.fr entreprises.gouv.fr
    education.gouv.fr francenum.gouv.fr moncompteformation.gouv.fr cybermalveillance.gouv.fr urssaf.fr ameli.fr
    insee.fr cnil.fr bpifrance.fr francetravail.fr pole-emploi.fr caf.fr europa.eu ec.europa.eu admin.ch belgium.be
    gov.uk nhs.uk guichet.lu meetup.com eventbrite.com eventbrite.fr helloasso.com billetweb.fr weezevent.com
    kickstarter.com ulule.com kisskissbankbank.com vinted.fr vinted.com backmarket.fr backmarket.com etsy.com
    zalando.fr zalando.com cdiscount.com fnac.com darty.com manomano.fr aliexpress.com alibaba.com temu.com shein.com
    vente-privee.com veepee.fr showroomprive.com ubereats.com deliveroo.fr deliveroo.com justeat.fr toogoodtogo.com
    lafourchette.com thefork.com thefork.fr sncf-connect.com oui.sncf ratp.fr waze.com deezer.com spotify.com
    netflix.com dev.to web.dev codepen.io jsfiddle.net codesandbox.io stackblitz.com kaggle.com coursera.org udemy.com
    openclassrooms.com edx.org khanacademy.org duolingo.com babbel.com loom.com descript.com wetransfer.com
    dropbox.com box.com evernote.com todoist.com basecamp.com linear.app jira.com atlassian.com framer.com bubble.io
    glideapps.com softr.io adalo.com appsheet.com retool.com superhuman.com front.com aircall.io ringover.com
    twilio.com sendgrid.com reddit.com quora.com tumblr.com flickr.com slideshare.net scribd.com issuu.com calameo.com
    academia.edu researchgate.net producthunt.com crunchbase.com dealroom.co angel.co wellfound.com hellowork.com
    cadremploi.fr jobteaser.com freework.com codeur.com upwork.com fiverr.com toptal.com comet.co hackerrank.com
    leetcode.com codingame.com ovh.com ovhcloud.com gandi.net infomaniak.com scaleway.com ionos.fr o2switch.fr
    hostinger.fr godaddy.com namecheap.com match.com 1password.com haveibeenpwned.com letsencrypt.org schema.org
    w3.org iso.org
""")
)
"""Sites whose bare name is no contact data."""


def is_tool(host: str) -> bool:
    """Whether a bare host name, in lower case, is the name of a well-known site, and so no one's own address."""
    return host.removeprefix("www.") in PLATFORMS
